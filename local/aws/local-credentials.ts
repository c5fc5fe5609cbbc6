/** What the official SDKs sign with on this machine; the local services check no signatures. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' };
