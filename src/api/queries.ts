/** Query and path schemas as the routes check them: the public shapes, with unknown parameters refused. */
import { type TProperties, Type } from 'typebox';
import { DevicesQuery, HistoryQuery, RejectsQuery, WriteProbesQuery } from './schemas.ts';

const strict = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

export const NoQuery = strict({});
export const StrictDevicesQuery = strict(DevicesQuery.properties);
export const StreamDevicesQuery = strict({
  ...DevicesQuery.properties,
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 100 }),
});
export const StrictHistoryQuery = strict(HistoryQuery.properties);
export const StrictRejectsQuery = strict({
  ...RejectsQuery.properties,
  // A NUL cannot be a PostgreSQL text.
  reason: Type.Optional(Type.String({ maxLength: 64, pattern: '^[^\\u0000]*$' })),
});
export const StrictWriteProbesQuery = strict(WriteProbesQuery.properties);

export const DeviceParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
