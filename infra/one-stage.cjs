/**
 * The framework's deployment makes a stage by itself, which a template can give neither limits nor logs. Without a name
 * for it there is one stage, ApiStage in gateway.yml. What the gateway answers by itself is part of a deployment only if
 * it is there first. A program, since the framework names the deployment anew each time.
 */
module.exports = async ({ resolveVariable }) => ({
  extensions: {
    [`ApiGatewayDeployment${await resolveVariable('sls:instanceId')}`]: {
      Properties: { StageName: { Ref: 'AWS::NoValue' } },
      DependsOn: [
        'GatewayTooLarge',
        'GatewayThrottled',
        'GatewayTimeout',
        'GatewayClientErrors',
        'GatewayServerErrors',
      ],
    },
  },
});
