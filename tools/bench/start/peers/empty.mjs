/** The function that does nothing: what the runtime alone takes. */
export const handler = async () => ({});
