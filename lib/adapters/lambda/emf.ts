import { type Attributes, METRICS, type Measurement, type MetricUnit } from '../../observe/metrics.ts';

/** A part of a log line from which CloudWatch takes metrics, in its Embedded Metric Format. */
type EmfDocument = Record<string, unknown>;

const UNITS: Record<MetricUnit, string> = { s: 'Seconds', '{token}': 'Count', '{run}': 'Count', USD: 'None' };

/** CloudWatch takes no more values of one metric from a line. */
export const MAX_VALUES = 100;

/**
 * Measurements as few documents: in one a name stands once, and so does an attribute, so whatever differs in an
 * attribute, or has more than 100 values, goes into the next one. Nothing without measurements.
 * Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const emfDocuments = (
  measurements: readonly Measurement[],
  { namespace, timestamp }: { namespace: string; timestamp: number },
): EmfDocument[] => {
  const drafts: Measurement[][] = [];
  for (const part of measurements.flatMap(inParts)) {
    const fitting = drafts.find((draft) => draft.every((other) => goTogether(part, other)));
    if (fitting) fitting.push(part);
    else drafts.push([part]);
  }
  return drafts.map((draft) => documentOf(draft, namespace, timestamp));
};

const inParts = ({ values, ...measurement }: Measurement): Measurement[] =>
  Array.from({ length: Math.ceil(values.length / MAX_VALUES) }, (_, part) => ({
    ...measurement,
    values: values.slice(part * MAX_VALUES, (part + 1) * MAX_VALUES),
  }));

const goTogether = (one: Measurement, other: Measurement): boolean =>
  one.name !== other.name &&
  Object.entries(one.attributes ?? {}).every(([name, value]) => {
    const theirs = other.attributes?.[name as keyof Attributes];
    return theirs === undefined || theirs === value;
  });

const documentOf = (draft: readonly Measurement[], Namespace: string, Timestamp: number): EmfDocument => {
  const attributes: Attributes = Object.assign({}, ...draft.map((measurement) => measurement.attributes));
  const bySets = Map.groupBy(draft, ({ name, attributes: own = {} }) =>
    JSON.stringify(METRICS[name].by.filter((set) => set.every((key) => isDimension(own[key])))),
  );
  const CloudWatchMetrics = [...bySets]
    .map(([sets, own]) => ({
      Namespace,
      Dimensions: JSON.parse(sets),
      Metrics: own.map(({ name }) => ({ Name: name, Unit: UNITS[METRICS[name].unit] })),
    }))
    .filter(({ Dimensions }) => Dimensions.length > 0);
  return {
    ...attributes,
    ...Object.fromEntries(draft.map(({ name, values }) => [name, values.length === 1 ? values[0] : values])),
    _aws: { Timestamp, CloudWatchMetrics },
  };
};

/** What CloudWatch takes for a dimension's value; any other would cost the whole line its metrics. */
const isDimension = (value: string | undefined): boolean =>
  value !== undefined && /^[\x20-\x7e]{1,255}$/.test(value) && value.trim() !== '';
