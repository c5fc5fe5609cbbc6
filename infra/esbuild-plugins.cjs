/** The plugins that functions are bundled with. */
module.exports = [require('./packed-assets.cjs'), require('./own-chunks.cjs')];
