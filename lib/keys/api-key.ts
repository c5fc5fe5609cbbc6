/** A key as it is kept: its secret is nowhere, only the sha256 (hex) of it. */
export type ApiKey = {
  sha256: string;
  caller: string;
  disabled: boolean;
  /** ISO 8601, UTC. */
  createdAt: string;
};

/** Where keys are kept. */
export type KeyStore = {
  /** False when there is a key with this sha256 already; that one stays as it is. */
  create(key: ApiKey): Promise<boolean>;
  get(sha256: string): Promise<ApiKey | undefined>;
  /** Gives the key as it then is; `undefined` when there is none. */
  disable(sha256: string): Promise<ApiKey | undefined>;
  /** All keys, or one caller's, disabled ones included; by caller, then oldest first. May lag behind for a moment. */
  list(caller?: string): Promise<ApiKey[]>;
};
