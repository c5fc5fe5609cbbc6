import { type Attributes, METRICS, type Measurement, type MetricUnit } from '../../observe/metrics.ts';

/** The part of a log line that CloudWatch reads metrics from, in its Embedded Metric Format. */
type EmfDocument = Record<string, unknown>;

const UNITS: Record<MetricUnit, string> = { s: 'Seconds', '{token}': 'Count', '{run}': 'Count', USD: 'None' };

/** CloudWatch's limit on the values of one metric in a line. */
export const MAX_VALUES = 100;

/**
 * Packs measurements into as few documents as possible. A document holds each metric and each attribute once, so
 * measurements that differ in an attribute, or have more than 100 values, spread over several documents. Returns an
 * empty list without measurements.
 * Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const emfDocuments = (
  measurements: readonly Measurement[],
  { namespace, timestamp }: { namespace: string; timestamp: number },
): EmfDocument[] => {
  const drafts: Measurement[][] = [];
  for (const part of measurements.flatMap(splitValues)) {
    const fitting = drafts.find((draft) => draft.every((other) => fitTogether(part, other)));
    if (fitting) fitting.push(part);
    else drafts.push([part]);
  }
  return drafts.map((draft) => documentOf(draft, namespace, timestamp));
};

const splitValues = ({ values, ...measurement }: Measurement): Measurement[] =>
  Array.from({ length: Math.ceil(values.length / MAX_VALUES) }, (_, part) => ({
    ...measurement,
    values: values.slice(part * MAX_VALUES, (part + 1) * MAX_VALUES),
  }));

const fitTogether = (one: Measurement, other: Measurement): boolean =>
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

/** Whether CloudWatch accepts the value for a dimension; it drops all metrics of a line with an invalid one. */
const isDimension = (value: string | undefined): boolean =>
  value !== undefined && /^[\x20-\x7e]{1,255}$/.test(value) && value.trim() !== '';
