/**
 * The reserved concurrency of a function, by its parameter; none when that is empty or 0. Reserved invocations are its
 * own, and it never has more.
 */
const reserved =
  (parameter) =>
  async ({ resolveVariable }) => {
    const text = String(await resolveVariable(`param:${parameter}`));
    if (text === '' || text === '0') return { Ref: 'AWS::NoValue' };
    if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
    // Without a stack, which the framework would print after the message.
    throw Object.assign(new Error(`${parameter} is '${text}': give a whole number, or "" for none`), {
      stack: '',
    });
  };

module.exports.api = reserved('reservedApi');
module.exports.sweep = reserved('reservedSweep');
module.exports.read = reserved('reservedRead');
