import type { ComparedSetting } from '../../../client/index.ts';
import { type FigureName, figureOf } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { Defined } from '../../parts/figure.tsx';
import { SettingName } from '../../parts/setting-name.tsx';

/** A sentence of the API: English, whatever labels it names. */
export const Sentence = ({ text }: { text: string }) => <bdi dir="ltr">{shownLine(text)}</bdi>;

/** A setting by its label, with the colour of its place. */
export const Named = ({
  label,
  settings,
}: {
  label: string;
  settings: readonly Pick<ComparedSetting, 'label'>[];
}) => (
  <SettingName
    label={label}
    at={Math.max(
      0,
      settings.findIndex((setting) => setting.label === label),
    )}
  />
);

/** The name of a compared figure, with its definition. */
export const FigureTerm = ({ name }: { name: FigureName }) => {
  const { title, definition } = figureOf(name);
  return <Defined definition={definition}>{title}</Defined>;
};
