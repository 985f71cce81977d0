// Spectrograms and cepstral coefficients of audio.
#include <bit>
#include <cmath>
#include <numbers>

#include "signal.hpp"

namespace flowport::signal {

namespace {

double mel(double hertz) { return 1127.0 * std::log1p(hertz / 700.0); }

// TF:   AudioSpectrogram(input: float [samples, channels]) -> spectrogram: float [channels, frames, bins], attrs window_size,
//       stride, magnitude_squared; a frame is filled up with zeros to a power of two
// ONNX: Gather of the frames, times the Hann window, transformed in double as TensorFlow does
void audio_spectrogram(const Node& node) {
  const Value x = node.input(0);
  const auto window = node.attr<std::int64_t>("window_size"), stride = node.attr<std::int64_t>("stride");
  if (window < 2 || stride < 1) node.bad_model("window_size is below 2 or stride below 1");
  const auto length = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(window)));
  const Value samples = dim_of(x, 0);
  const Value behind = samples - static_cast<double>(window);
  const Value frames = where(less(behind, 0), 0, behind / static_cast<double>(stride) + 1);
  const Value first = unsqueeze(iota(frames) * static_cast<double>(stride), {1});
  const Value place = first + unsqueeze(iota(node.int_scalar(window)), {0});
  const Value cut = gather(cast(transpose(x, {1, 0}), DType::kDouble), place, 1);

  std::vector<double> hann;
  for (std::int64_t i = 0; i < window; ++i) {
    hann.push_back(0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(window)));
  }
  Value framed = cut * node.constant(DType::kDouble, std::span(&window, 1), hann);
  if (length > window) framed = pad(framed, node.ints({0, 0, 0, 0, 0, length - window}));
  const Value bins = transform(Kind::kToHalf, framed, -1, node.int_scalar(length));
  const Value squares = reduce_sum(bins * bins, {-1}, false);
  const bool squared = node.attr<bool>("magnitude_squared", false);
  node.bind(cast(squared ? squares : sqrt(squares), DType::kFloat));
}

/// The weight of each bin of a spectrum in each of `channels` triangles that are as wide as each other in mel; [bins, channels].
std::vector<double> mel_triangles(const Node& node, std::int64_t bins, std::int64_t channels, double sample_rate,
                                  double lowest, double highest) {
  const double mel_low = mel(lowest);
  const double spacing = (mel(highest) - mel_low) / static_cast<double>(channels + 1);
  const auto centre = [&](std::int64_t channel) { return mel_low + spacing * static_cast<double>(channel + 1); };
  const double hertz_per_bin = 0.5 * sample_rate / static_cast<double>(bins - 1);
  const auto begin = static_cast<std::int64_t>(1.5 + lowest / hertz_per_bin);  // never bin 0
  const auto last = static_cast<std::int64_t>(highest / hertz_per_bin);
  if (last >= bins) node.unsupported("upper_frequency_limit lies above the spectrogram's highest frequency");
  std::vector<double> weights(static_cast<std::size_t>(bins * channels), 0);
  std::int64_t above = 0;  // the first channel whose centre is not below the bin
  for (std::int64_t bin = begin; bin <= last; ++bin) {
    const double at = mel(static_cast<double>(bin) * hertz_per_bin);
    while (above < channels && centre(above) < at) ++above;
    const double falling = (centre(above) - at) / spacing;
    const auto row = static_cast<std::size_t>(bin * channels);
    if (above > 0) weights[row + static_cast<std::size_t>(above - 1)] = falling;
    if (above < channels) weights[row + static_cast<std::size_t>(above)] = 1 - falling;
  }
  return weights;
}

// TF:   Mfcc(spectrogram: float [channels, frames, bins], sample_rate: int32) -> output: float, attrs upper_frequency_limit,
//       lower_frequency_limit, filterbank_channel_count, dct_coefficient_count
// ONNX: MatMul with the mel triangles, Log, MatMul with a discrete cosine transform, in double as TensorFlow does
void mfcc(const Node& node) {
  const Value x = node.input(0);
  const auto sample_rate = node.input(1).int_scalar();
  const std::int64_t bins = x.rank() == 3 ? x.dim(2) : -1;
  if (bins < 2) node.unsupported("a spectrogram whose number of bins is not known", "give its shape with --shape");
  if (!sample_rate || *sample_rate <= 0) node.bad_model("sample_rate is not a positive number");
  const auto channels = node.attr<std::int64_t>("filterbank_channel_count", 40);
  const auto coefficients = node.attr<std::int64_t>("dct_coefficient_count", 13);
  if (channels < 1 || coefficients < 1 || coefficients > channels) node.bad_model("more coefficients than channels");
  const auto limit = [&](std::string_view name, float otherwise) {
    return static_cast<double>(node.attr<float>(name, otherwise));
  };
  const auto triangles = mel_triangles(node, bins, channels, static_cast<double>(*sample_rate),
                                       limit("lower_frequency_limit", 20), limit("upper_frequency_limit", 4000));
  std::vector<double> cosines;  // [channels, coefficients]
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    for (std::int64_t i = 0; i < coefficients; ++i) {
      const double turn = std::numbers::pi * static_cast<double>(i) * (static_cast<double>(channel) + 0.5);
      cosines.push_back(std::sqrt(2.0 / static_cast<double>(channels)) *
                        std::cos(turn / static_cast<double>(channels)));
    }
  }
  const Ints to_channels{bins, channels}, to_coefficients{channels, coefficients};
  const Value magnitude = sqrt(cast(x, DType::kDouble));
  const Value energy = matmul(magnitude, node.constant(DType::kDouble, to_channels, triangles));
  constexpr double kFloor = static_cast<double>(1e-12F);
  const Value y = matmul(log(maximum(energy, kFloor)), node.constant(DType::kDouble, to_coefficients, cosines));
  node.bind(cast(y, DType::kFloat));
}

constexpr Handler kRows[] = {
    handler<audio_spectrogram>("AudioSpectrogram"),
    handler<mfcc>("Mfcc", {.const_inputs = inputs_known(1)}),
};

}  // namespace

FLOWPORT_ROWS(kAudio, kRows);

}  // namespace flowport::signal
