import * as z from 'zod';

/** A type with its intersections resolved, so that two of the same fields are the same. */
type Plain<T> = T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;

type Same<A, B> =
  (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

type At<T, Key> = Key extends keyof T ? Pick<T, Key> : never;
/** The fields that only one of two types has, or that are not the same in both. */
type Drifted<A, B> = {
  [Key in keyof A | keyof B]: Same<At<A, Key>, At<B, Key>> extends true ? never : Key;
}[keyof A | keyof B];

type Output<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape, z.core.$strip>>;

/**
 * The schema of an object whose type is written elsewhere. It does not compile unless its values are exactly those of
 * the type: a field that is missing, too much, optional on one side alone, wider or narrower is an error.
 */
export const schemaOf =
  <Type>(description?: string) =>
  <Shape extends z.ZodRawShape>(
    shape: Shape & { [Field in Drifted<Output<Shape>, Type>]: 'differs from the type' },
  ): z.ZodObject<Shape, z.core.$strip> => {
    const schema = z.object<Shape>(shape);
    return description === undefined ? schema : schema.describe(description);
  };
