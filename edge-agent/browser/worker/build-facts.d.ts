/** Put in by the build. */
declare const buildFacts: { readonly agentVersion: string; readonly runtimeVersion: string };
