import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export type Handler = (event: unknown, second: unknown, third?: unknown) => unknown;

/** An error whose name is the one Lambda reports. */
const runtimeError = (name: string, message: string): Error => Object.assign(new Error(message), { name });

/**
 * Loads `functions/api.handler` from a bundle's folder: the file without its extension, then the export.
 *
 * @throws Error named as Lambda names it: `Runtime.ImportModuleError`, `Runtime.HandlerNotFound`; or the bundle's own.
 */
export const loadHandler = async (folder: string, handler: string): Promise<Handler> => {
  const cut = handler.lastIndexOf('.');
  const [base, name] = [handler.slice(0, cut), handler.slice(cut + 1)];
  const file = ['.mjs', '.js', '.cjs'].map((extension) => join(folder, base + extension)).find(existsSync);
  if (!file) throw runtimeError('Runtime.ImportModuleError', `Cannot find module '${base}'`);
  const loaded: Record<string, unknown> = await import(pathToFileURL(file).href);
  const inDefault = (loaded.default ?? {}) as Record<string, unknown>;
  const found = loaded[name] ?? inDefault[name];
  if (typeof found !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  return found as Handler;
};
