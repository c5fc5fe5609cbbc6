/** Names that every object has members of, or that its prototype is reached by: names as any other where others choose. */
export const OBJECT_MEMBERS = [
  ...['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', 'toJSON', 'length'],
];
