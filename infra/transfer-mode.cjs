/**
 * The transfer mode of POST /runs through the gateway: STREAM, but BUFFERED when AWS_ENDPOINT_URL points at an
 * emulator, because the gateways of emulators cannot stream.
 */
module.exports = () => {
  const { AWS_ENDPOINT_URL: endpoint } = process.env;
  const isAws = !endpoint || /\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);
  return isAws ? 'STREAM' : 'BUFFERED';
};
