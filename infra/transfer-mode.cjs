/**
 * How answers of POST /runs go through the gateway: STREAM, but BUFFERED (whole, when all of it is there) for a
 * deployment that AWS_ENDPOINT_URL sends to an emulator, since their gateways cannot stream.
 */
module.exports = () => {
  const { AWS_ENDPOINT_URL: endpoint } = process.env;
  const isAws = !endpoint || /\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);
  return isAws ? 'STREAM' : 'BUFFERED';
};
