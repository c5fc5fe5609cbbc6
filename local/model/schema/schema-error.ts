/**
 * A JSON schema that is invalid or uses something else than this server writes. The message is OpenAI's, with the path:
 * `In context=('properties', 'age'), 'not' is not permitted.`
 */
export class SchemaError extends Error {
  constructor(path: readonly string[], reason: string) {
    const names = path.map((name) => `'${name}'`).join(', ');
    super(`In context=(${names}${path.length === 1 ? ',' : ''}), ${reason}`);
    this.name = 'SchemaError';
  }
}
