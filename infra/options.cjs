// What of the template is chosen at deploy, where a variable has to become something other than text: docs/deploy.md.

const list = (name) => (process.env[name] ?? '').split(/[\s,]+/).filter(Boolean);

module.exports = () => {
  const subnetIds = list('VPC_SUBNET_IDS');
  const securityGroupIds = list('VPC_SECURITY_GROUP_IDS');
  if ((subnetIds.length === 0) !== (securityGroupIds.length === 0)) {
    throw new Error('VPC_SUBNET_IDS and VPC_SECURITY_GROUP_IDS belong together');
  }
  // A new account may run 10 functions at once and lets none be reserved: RESERVE=0 until the quota is raised.
  const reserves = process.env.RESERVE !== '0';
  return {
    vpc: subnetIds.length === 0 ? null : { subnetIds, securityGroupIds },
    hasVpc: subnetIds.length > 0 ? 'yes' : '',
    tracing: process.env.XRAY === '1' ? { lambda: true } : null,
    // A scheduled run and one that an admin started must not work at the same time.
    alone: reserves ? 1 : null,
  };
};
