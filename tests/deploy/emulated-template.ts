import * as z from 'zod';

const Node = z.record(z.string(), z.unknown());
const Ref = z.strictObject({ Ref: z.string() });
const GetAtt = z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });
const Template = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string() })),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});
export type Template = z.output<typeof Template>;

/** What moto's CloudFormation does not know; it fails on their attributes. */
const UNKNOWN = [/^AWS::CloudFront::/, /^AWS::Lambda::Url$/, /^AWS::ApiGatewayV2::/];

/**
 * The template without what the emulator does not know, and a fixed word wherever an attribute of that is used, in the
 * outputs what is given for them. The rest is as it is deployed.
 */
export function forEmulator(
  source: unknown,
  outputs: Record<string, string> = {},
): { template: Template; leftOut: string[] } {
  const template = Template.parse(source);
  const leftOut = Object.entries(template.Resources)
    .filter(([, { Type }]) => UNKNOWN.some((type) => type.test(Type)))
    .map(([id]) => id);
  const isLeftOut = (name: string): boolean => leftOut.includes(name.split('.', 1)[0] ?? '');

  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value === 'string') {
      return value.replaceAll(/\$\{([\w.]+)\}/g, (whole, name: string) =>
        isLeftOut(name) ? 'left-out' : whole,
      );
    }
    const ref = Ref.safeParse(value).data?.Ref ?? GetAtt.safeParse(value).data?.['Fn::GetAtt'][0];
    if (ref !== undefined && isLeftOut(ref)) return 'left-out';
    const node = Node.safeParse(value).data;
    if (!node) return value;
    return Object.fromEntries(
      Object.entries(node).map(([key, part]) => [
        key,
        key === 'DependsOn' && Array.isArray(part)
          ? part.filter((id) => !isLeftOut(String(id)))
          : replace(part),
      ]),
    );
  };
  const kept = Object.entries(template.Resources).filter(([id]) => !leftOut.includes(id));
  const Resources = replace(Object.fromEntries(kept));
  // The names for other stacks are put together from the stack's own, which the emulator answers with unresolved.
  const Outputs = Object.fromEntries(
    Object.entries(template.Outputs).map(([name, { Value }]) => [
      name,
      { Value: outputs[name] ?? replace(Value) },
    ]),
  );
  return {
    template: Template.parse({ ...template, Resources, Outputs }),
    leftOut,
  };
}
