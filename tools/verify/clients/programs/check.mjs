/** Where everytoken is, as a program of each client is told. */
export const BASE_URL = process.env.CLIENT_BASE_URL;
export const MODEL = process.env.CLIENT_MODEL;
export const KEY = 'any';

export const QUESTION = 'Explain vector databases in a technical manner.';
export const PERSON = 'Name an invented person and her age.';
/** Names a word of each tool below, by which the local model calls them. */
export const LOOK_UPS = 'Tell the weather, the population, the altitude and the currency of Lima.';

/** The tools of an agent that looks up four facts; `called` gets the name of each call. */
export const factTools = (called) =>
  ['get_weather', 'get_population', 'get_altitude', 'get_currency'].map((name) => ({
    name,
    description: `Looks up a fact: ${name.slice(4)}.`,
    execute: ({ city }) => {
      if (typeof city !== 'string') throw new Error(`${name} was called without a city`);
      called.push(name);
      return `The ${name.slice(4)} of ${city} is 42.`;
    },
  }));

/** All four facts were looked up, each once, and the answer says something. */
export const requireFacts = (called, text) => {
  const names = called.toSorted().join(' ');
  require(names === 'get_altitude get_currency get_population get_weather', `the calls are ${names}`);
  requireText(text);
};

export const require = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};

export const requireText = (text) =>
  require(typeof text === 'string' && text.trim() !== '', `there is no text: ${JSON.stringify(text)}`);

/** A text that came in several pieces. */
export const requirePieces = (pieces) => {
  require(pieces.filter((piece) => piece !== '').length > 1, `the text came in ${pieces.length} pieces`);
  requireText(pieces.join(''));
};

export const requirePerson = ({ name, age } = {}) =>
  require(typeof name === 'string' &&
    Number.isInteger(age), `it is no person: ${JSON.stringify({ name, age })}`);

/** Runs the checks of a client in turn and prints one line of JSON for each. */
export const check = async (checks) => {
  for (const [name, run] of Object.entries(checks)) {
    try {
      await run();
      console.log(JSON.stringify({ check: name, passed: true }));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      console.log(JSON.stringify({ check: name, passed: false, message: message.slice(0, 500) }));
    }
  }
};
