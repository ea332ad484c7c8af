// The package has no types of its own; an ES module must name its file.
declare module 'hyphen/id/index.js' {
  const hyphenator: {
    hyphenateSync(text: string, options: { hyphenChar: string; minWordLength?: number }): string
  }
  export default hyphenator
}
