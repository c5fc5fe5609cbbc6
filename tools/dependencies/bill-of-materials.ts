import type { Lock } from './check-licences.ts';

/** The parts of a CycloneDX document that are read here; others are kept as they are. */
export type Bom = {
  metadata: { component: { name: string; 'bom-ref': string } };
  components: { 'bom-ref': string; name: string; version: string }[];
  dependencies: { ref: string; dependsOn: string[] }[];
};

/**
 * The document without packages that only development needs. `npm sbom --omit dev` also leaves out packages that both
 * need (npm 11.19: 12 of 44 remained), so the lock file decides.
 */
export const withoutDevelopment = (bom: Bom, name: string, { packages }: Lock): Bom => {
  const shipped = new Set(
    Object.entries(packages)
      .filter(([path, { dev, devOptional, link }]) => path !== '' && !dev && !devOptional && !link)
      .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`),
  );
  const root = bom.metadata.component;
  const isKept = (ref: string): boolean => shipped.has(ref) || ref === root['bom-ref'];
  return {
    ...bom,
    // npm names it after the folder.
    metadata: { ...bom.metadata, component: { ...root, name } },
    components: bom.components.filter((component) => isKept(component['bom-ref'])),
    dependencies: bom.dependencies
      .filter(({ ref }) => isKept(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isKept) })),
  };
};
