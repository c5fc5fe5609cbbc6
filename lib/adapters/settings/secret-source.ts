/** A secret is given as itself, or as the name of the SSM parameter that holds it. */
export type SecretSource = { value: string } | { parameter: string } | undefined;
