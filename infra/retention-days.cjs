const days = () => Number(process.env.RETENTION_DAYS || '36500');

/** RETENTION_DAYS; a hundred years when it is unset or empty, which the functions read as no retention. */
module.exports.once = () => String(days());

/** Twice as long, for what is needed by runs that are made of it later. */
module.exports.twice = () => String(2 * days());

/** A week, or RETENTION_DAYS if that is shorter: an export can be asked for again. */
module.exports.exports = () => String(Math.min(7, days()));
