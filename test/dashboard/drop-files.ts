import type { Page } from 'playwright-core';

/** Drops files on a page, as a person drags them from a folder. */
export const dropFiles = async (
  page: Page,
  files: readonly { name: string; text: string }[],
): Promise<void> => {
  await page.evaluate(`(() => {
    const data = new DataTransfer();
    for (const { name, text } of ${JSON.stringify(files)}) data.items.add(new File([text], name));
    document.body.dispatchEvent(
      new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
    );
  })()`);
};
