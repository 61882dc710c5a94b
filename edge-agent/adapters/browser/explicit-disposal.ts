// WebKit has no `Symbol.dispose` yet (seen in WebKitGTK 2.50): what is to be disposed of would get the name "undefined". The programs
// are compiled for that, and ask for these names then. Every program imports this first.

for (const name of ["dispose", "asyncDispose"] as const)
  if (Reflect.get(Symbol, name) === undefined)
    Object.defineProperty(Symbol, name, { value: Symbol.for(`Symbol.${name}`) });
