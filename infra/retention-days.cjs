/** RETENTION_DAYS, and a hundred years where it is not set or empty, as the functions read it. */
module.exports = () => process.env.RETENTION_DAYS || '36500';
