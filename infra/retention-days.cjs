/** RETENTION_DAYS; a hundred years when it is unset or empty, which the functions read as no retention. */
module.exports = () => process.env.RETENTION_DAYS || '36500';
