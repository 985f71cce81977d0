// Modified Bessel functions and the dilogarithm, in double precision, by Chebyshev series over pieces of their range.
#include <flowport/ops.hpp>

#include <cmath>
#include <numbers>
#include <span>

#include "math.hpp"

namespace flowport::math {

namespace {

// Coefficients of Chebyshev polynomials of t in [-1, 1], made by interpolation at 45 nodes with 40 digits.
// exp(-x) I0(x) and exp(-x) I1(x) / x for x in [0, 8], t = x / 4 - 1; sqrt(x) exp(-x) I(x) from 8 on, t = 16 / x - 1.
// K0(x) + log(x / 2) I0(x) and x (K1(x) - log(x / 2) I1(x)) for x in (0, 2], t = x^2 / 2 - 1; sqrt(x) exp(x) K(x) from 2 on,
// t = 4 / x - 1. Li2(-w) / w for w in [-1/2, 1/2], t = 2 w.
constexpr double kI0Near[] = {
    0.338397637204738042,     -0.304682672343198399,    0.171620901522208775,    -0.0949010970480476444,
    0.0493052842396707085,    -0.0237374148058994688,   0.0105464603945949983,   -0.00432430999505057594,
    0.0016394756169413358,    -0.000576375574538582366, 0.000188502885095841656, -0.000057541950100821037,
    0.0000164484480707288971, -4.41673835845875056e-6,  1.11738753912010372e-6,  -2.67079385394061173e-7,
    6.04699502254191895e-8,   -1.30002500998624804e-8,  2.65982372468238665e-9,  -5.18979560163526291e-10,
    9.67580903537323691e-11,  -1.72682629144155571e-11, 2.95505266312963983e-12, -4.85644678311192946e-13,
    7.67618549860493562e-14,  -1.16853328779934517e-14, 1.71539128555513303e-15, -2.43127984654795469e-16,
    3.3307945188222381e-17,   -4.41534164647933938e-18};
constexpr double kI0Far[] = {
    0.402245205507054416,     0.00336911647825569409,   0.0000688975834691682398, 2.89137052083475648e-6,
    2.04891858946906374e-7,   2.26666899049817806e-8,   3.39623202570838635e-9,   4.94060238822496959e-10,
    1.18891471078464383e-11,  -3.14991652796324136e-11, -1.32158118404477131e-11, -1.79417853150680612e-12,
    7.18012445138366623e-13,  3.8527783827421427e-13,   1.54008621752140983e-14,  -4.15056934728722209e-14,
    -9.55484669882830765e-15, 3.81168066935262242e-15,  1.77256013305652638e-15,  -3.42548561967721916e-16,
    -2.82762398051658324e-16, 3.46122286769745752e-17,  4.46562142029675803e-17,  -4.83050448594402153e-18,
    -7.23318048787496997e-18};
constexpr double kI1Near[] = {
    0.126293593221816827,    -0.176416518357834055,    0.102643658689847095,     -0.0529459812080949914,
    0.0247264490306265168,   -0.0105640848946261982,   0.00415642294431288816,   -0.00151357245063125315,
    0.000512285956168575773, -0.000161760815825896746, 0.0000478156510755005423, -0.0000132731636560394358,
    3.47025130813767848e-6,  -8.56872026469545474e-7,  2.00329475355213526e-7,   -4.44505912879632808e-8,
    9.38153738649577178e-9,  -1.88724975172282929e-9,  3.62559028155211704e-10,  -6.66348972350202774e-11,
    1.17361862988909016e-11, -1.98397439776494372e-12, 3.22379336594557471e-13,  -5.04218550472791169e-14,
    7.60068429473540693e-15, -1.10559694773538631e-15, 1.55363195773620047e-16,  -2.11142121435816608e-17,
    2.77791411276104637e-18};
constexpr double kI1Far[] = {
    0.38928811750914006,      -0.00976109749136146841,  -0.000110588938762623716, -3.88256480887769039e-6,
    -2.51223623787020893e-7,  -2.63146884688951951e-8,  -3.83538038596423702e-9,  -5.58974346219658381e-10,
    -1.89749581235054123e-11, 3.25260358301548824e-11,  1.41258074366137813e-11,  2.03562854414708951e-12,
    -7.19855177624590851e-13, -4.08355111109219732e-13, -2.10154184277266431e-14, 4.27244001671195135e-14,
    1.04202769841288028e-14,  -3.81440307243700781e-15, -1.88035477551078244e-15, 3.3082023109209283e-16,
    2.9626289976459499e-16,   -3.20952592199342028e-17, -4.65030536848935649e-17, 4.41434832307154605e-18,
    7.51729631084232797e-18};
constexpr double kK0Near[] = {-0.267663696616951384,  0.344289899924628487,     0.0359799365153615016,
                              0.00126461541144692592, 0.0000228621210311945179, 2.53479107902614946e-7,
                              1.90451637722020886e-9, 1.03496952576336246e-11,  4.25981614279108258e-14,
                              1.3744654358807509e-16};
constexpr double kK0Far[] = {
    1.22015154103297773,      -0.0314481013119645005,   0.00156988388573005337,  -0.000128495495816278026,
    0.0000139498137188764994, -1.83175552271911948e-6,  2.76681363944501508e-7,  -4.66048989768794767e-8,
    8.57403401741422609e-9,   -1.69753450938906152e-9,  3.57739728140032845e-10, -7.95748924447739704e-11,
    1.85594911495492655e-11,  -4.51459788337451918e-12, 1.14034058820734423e-12, -2.98009692314817835e-13,
    8.03289077506837437e-14,  -2.22751332674629636e-14, 6.34007647627664597e-15, -1.84859337792090717e-15,
    5.51205599940433336e-16,  -1.67823112575490064e-16, 5.21039177764355411e-17, -1.64758059398426328e-17};
constexpr double kK1Near[] = {0.762650113669473885,    -0.353155960776544876,    -0.122611180822657148,
                              -0.00697572385963986435, -0.000173028895751305206, -2.43340614156596823e-6,
                              -2.21338763073472586e-8, -1.41148839263352776e-10, -6.66690169419932901e-13,
                              -2.42744985051936593e-15};
constexpr double kK1Far[] = {
    1.36031309524222133,       0.103923736576817238,    -0.00285781685962277939,  0.000195215518471351631,
    -0.0000193619797416608296, 2.40648494783721712e-6,  -3.50196060308781254e-7,  5.74108412545004929e-8,
    -1.0345762465678097e-8,    2.01504975519703462e-9,  -4.19035475934192558e-10, 9.21831518760531413e-11,
    -2.12996783842779102e-11,  5.13963967348234354e-12, -1.28917396094982294e-12, 3.34841966605224312e-13,
    -8.97670518201014607e-14,  2.47715442421959868e-14, -7.01983708921476885e-15, 2.03870316623986088e-15,
    -6.05704727064301782e-16,  1.83809357524304543e-16, -5.68946284919364837e-17, 1.79405104788635729e-17};
constexpr double kSpence[] = {
    -1.01494160640965363,     0.13148012838765803,      -0.0153134525181020828,    0.00227218894365595898,
    -0.000385161993008159442, 0.0000710340437420911513, -0.0000138856224874047789, 2.83239545838545146e-6,
    -5.96831473783596431e-7,  1.29023124375467247e-7,   -2.84753091279722352e-8,   6.39264151950572788e-9,
    -1.45582356759686306e-9,  3.35603002790502426e-10,  -7.81801940906658849e-11,  1.83793241941039071e-11,
    -4.35552462291721436e-12, 1.03951117856037553e-12,  -2.49666627816297491e-13,  6.0304702883435759e-14,
    -1.46406249360862654e-14, 3.57090319607003242e-15,  -8.74634679136423299e-16,  2.15054567921317164e-16,
    -5.30647986935565755e-17, 1.31364799859321246e-17};

using Series = std::span<const double>;

/// The sum of the series at `t`, by Clenshaw; terms that a float cannot show are left out where `exact` is false.
Value chebyshev(Series coefficients, const Value& t, bool exact) {
  std::size_t count = coefficients.size();
  while (!exact && count > 2 && std::fabs(coefficients[count - 1]) < 1e-11 * std::fabs(coefficients[0])) --count;
  const Value twice = t * 2.0;
  Value next = scalar_like(t, coefficients[count - 1]), after = scalar_like(t, 0);
  for (std::size_t i = count - 2; i > 0; --i) {
    const Value sum = twice * next - after + coefficients[i];
    after = next;
    next = sum;
  }
  return t * next - after + coefficients[0];
}

/// What the functions of one node share: its argument as a double, and how exact the result has to be.
struct Argument {
  explicit Argument(const Node& node)
      : x(cast(node.input(0), DType::kDouble)), exact(node.input(0).dtype() == DType::kDouble) {}
  Value x;
  bool exact;
};

/// exp(-size) I(size) for size >= 0; odd: I1, otherwise I0.
Value scaled_i(const Value& size, bool odd, bool exact) {
  const Value low = minimum(size, 8), high = maximum(size, 8);
  const Value near = chebyshev(odd ? Series(kI1Near) : Series(kI0Near), low * 0.25 - 1.0, exact);
  const Value far = chebyshev(odd ? Series(kI1Far) : Series(kI0Far), 16.0 / high - 1.0, exact) / flowport::sqrt(high);
  return where(greater(size, 8), far, odd ? near * low : near);
}

// TF:   BesselI0(x: T) -> y: T, BesselI0e(x) = exp(-|x|) I0(x), BesselI1, BesselI1e
// ONNX: Chebyshev series
template <bool kOdd, bool kScaled>
void bessel_i(const Node& node) {
  const auto [x, exact] = Argument(node);
  const Value size = flowport::abs(x), scaled = scaled_i(size, kOdd, exact);
  const Value even = kScaled ? scaled : scaled * flowport::exp(size);
  node.bind(cast_like(kOdd ? where(less(x, 0), -even, even) : even, node.input(0)));
}

// TF:   BesselK0(x: T) -> y: T, infinite at 0 and below; BesselK0e(x) = exp(x) K0(x), BesselK1, BesselK1e
// ONNX: Chebyshev series; Log near 0
template <bool kOdd, bool kScaled>
void bessel_k(const Node& node) {
  const auto [x, exact] = Argument(node);
  const Value low = minimum(x, 2), high = maximum(x, 2);
  const Value series = chebyshev(kOdd ? Series(kK1Near) : Series(kK0Near), low * low * 0.5 - 1.0, exact);
  const Value logarithm = flowport::log(low * 0.5) * scaled_i(low, kOdd, exact) * flowport::exp(low);
  const Value near = kOdd ? series / low + logarithm : series - logarithm;
  const Value far = chebyshev(kOdd ? Series(kK1Far) : Series(kK0Far), 4.0 / high - 1.0, exact) / flowport::sqrt(high);
  const Value y =
      where(greater(x, 2), kScaled ? far : far * flowport::exp(-high), kScaled ? near * flowport::exp(low) : near);
  node.bind(cast_like(where(less_equal(x, 0), INFINITY, y), node.input(0)));
}

// TF:   Spence(x: T) -> y: T, the dilogarithm of 1 - x; NaN below 0
// ONNX: Chebyshev series around 1, elsewhere by Euler's and Landen's identities
void spence(const Node& node) {
  const auto [x, exact] = Argument(node);
  const Value large = greater(x, 1.5), inverse = reciprocal(x);
  const Value turned = where(greater(x, 2), inverse, x), small = less(turned, 0.5);
  const Value w = where(small, -turned, where(large, inverse - 1.0, x - 1.0));
  const Value series = w * chebyshev(kSpence, w * 2.0, exact);
  const Value product = flowport::log(turned) * flowport::log(1.0 - turned);
  const Value reflected = where(small, std::numbers::pi * std::numbers::pi / 6 - product - series, series);
  const Value logarithm = flowport::log(x);
  const Value y = where(large, logarithm * logarithm * -0.5 - reflected, reflected);
  const Value beyond = logical_or(less(x, 0), equal(x, INFINITY));
  node.bind(
      cast_like(where(equal(x, 0), std::numbers::pi * std::numbers::pi / 6, where(beyond, NAN, y)), node.input(0)));
}

constexpr Handler kRows[] = {
    handler<bessel_i<false, false>>("BesselI0"),
    handler<bessel_i<false, true>>("BesselI0e"),
    handler<bessel_i<true, false>>("BesselI1"),
    handler<bessel_i<true, true>>("BesselI1e"),
    handler<bessel_k<false, false>>("BesselK0"),
    handler<bessel_k<false, true>>("BesselK0e"),
    handler<bessel_k<true, false>>("BesselK1"),
    handler<bessel_k<true, true>>("BesselK1e"),
    handler<spence>("Spence"),
};

}  // namespace

FLOWPORT_ROWS(kBessel, kRows);

}  // namespace flowport::math
