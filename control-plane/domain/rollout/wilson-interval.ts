/** 97.5 % quantile of the standard normal distribution: both bounds together hold 95 %. */
const z = 1.959963984540054;

/**
 * Wilson's score interval (JASA 22, 1927) for a share of which `hits` of `all` were seen: between which bounds the true share lies
 * with 95 % confidence. Unlike the textbook interval it does not collapse at 0 hits. Of nothing, everything is possible: 0 to 1.
 *
 * Example: 1 of 10: centre (0.1 + 0.1921) / 1.3841 = 0.2110, half width 0.1931: 0.0179 to 0.4042.
 */
export function wilsonInterval(hits: number, all: number): { readonly lower: number; readonly upper: number } {
  if (all === 0) return { lower: 0, upper: 1 };
  const share = hits / all;
  const scale = 1 + (z * z) / all;
  const centre = (share + (z * z) / (2 * all)) / scale;
  const halfWidth = (z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all))) / scale;
  return { lower: hits === 0 ? 0 : centre - halfWidth, upper: hits === all ? 1 : centre + halfWidth };
}
