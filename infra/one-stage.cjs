/**
 * Removes StageName from the framework's deployment, so that it creates no stage of its own, which a template could
 * give neither limits nor logs. The only stage is then ApiStage in gateway.yml. Makes the deployment depend on the
 * gateway's own error responses, because a deployment only includes those that exist before it. This is a program
 * because the framework gives the deployment a new name each time.
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
