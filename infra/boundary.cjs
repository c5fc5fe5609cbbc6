/**
 * The permissions boundary of every role: the managed policy that the parameter `boundary` names, or none. A deployer
 * that may create roles only with a boundary (docs/examples/deployer-role.yml) needs it.
 */
module.exports = async ({ resolveVariable }) => {
  const name = await resolveVariable('param:boundary');
  return name === ''
    ? { Ref: 'AWS::NoValue' }
    : { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:policy/${name}` };
};
