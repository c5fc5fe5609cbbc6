// infra/packed-assets.cjs turns these files into assets when a function is packaged.

declare module 'swagger-ui-dist/swagger-ui-bundle.js' {
  const asset: import('../lib/http/service/packed-asset.ts').PackedAsset;
  export default asset;
}

declare module 'swagger-ui-dist/swagger-ui.css' {
  const asset: import('../lib/http/service/packed-asset.ts').PackedAsset;
  export default asset;
}

declare module '*/dashboard/index.html' {
  const dashboard: import('../lib/http/service/packed-asset.ts').PackedDashboard;
  export default dashboard;
}
