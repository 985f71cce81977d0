#include "onnx/constant.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>
#include <random>

#include "base/mapped_file.h"

namespace flowport::ir {
namespace {

using Dims = std::vector<std::int64_t>;

std::int64_t count_of(const Dims& dims) {
  return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

/// A tensor computed without views: what each operation means, element by element.
struct Naive {
  Dims dims;
  std::vector<float> elements;

  static Naive counting(Dims dims) {
    Naive naive{std::move(dims), {}};
    for (std::int64_t i = 0; i < count_of(naive.dims); ++i)
      naive.elements.push_back(static_cast<float>(i) * 0.25F + 1.0F);
    return naive;
  }

  static std::size_t offset(const Dims& dims, const Dims& index) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < dims.size(); ++i) at = at * dims[i] + index[i];
    return static_cast<std::size_t>(at);
  }

  template <typename Visit>
  static void for_each_index(const Dims& dims, const Visit& visit) {
    if (count_of(dims) == 0) return;
    Dims index(dims.size(), 0);
    while (true) {
      visit(index);
      std::size_t axis = dims.size();
      while (axis > 0 && ++index[axis - 1] == dims[axis - 1]) index[--axis] = 0;
      if (axis == 0) return;
    }
  }

  Naive transposed(const Dims& perm) const {
    Naive result{dims, elements};
    for (std::size_t i = 0; i < perm.size(); ++i) result.dims[i] = dims[static_cast<std::size_t>(perm[i])];
    for_each_index(result.dims, [&](const Dims& index) {
      Dims from(index.size());
      for (std::size_t i = 0; i < perm.size(); ++i) from[static_cast<std::size_t>(perm[i])] = index[i];
      result.elements[offset(result.dims, index)] = elements[offset(dims, from)];
    });
    return result;
  }

  Naive scaled(std::size_t axis, const std::vector<float>& factors) const {
    Naive result = *this;
    for_each_index(dims, [&](const Dims& index) {
      result.elements[offset(dims, index)] *= factors[static_cast<std::size_t>(index[axis])];
    });
    return result;
  }
};

std::vector<float> floats_of(const Constant& constant) {
  const Bytes bytes = constant.bytes();
  std::vector<float> elements(bytes.size() / sizeof(float));
  if (!elements.empty()) std::memcpy(elements.data(), bytes.data(), bytes.size());
  return elements;
}

std::vector<float> streamed(const Constant& constant) {
  std::vector<std::byte> bytes;
  EXPECT_TRUE(constant.stream([&](std::span<const std::byte> piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return true;
  }));
  std::vector<float> elements(bytes.size() / sizeof(float));
  if (!elements.empty()) std::memcpy(elements.data(), bytes.data(), bytes.size());
  return elements;
}

/// Both as they are read at once and as they are streamed.
void expect_same(const Constant& constant, const Naive& naive) {
  EXPECT_EQ(constant.dims(), naive.dims);
  EXPECT_EQ(floats_of(constant), naive.elements);
  EXPECT_EQ(streamed(constant), naive.elements);
}

std::vector<float> powers(std::int64_t count) {
  std::vector<float> factors;
  for (std::int64_t i = 0; i < count; ++i) factors.push_back(std::ldexp(1.0F, static_cast<int>(i % 5) - 2));
  return factors;
}

TEST(Constant, HoldsElements) {
  const auto ints = Constant::ints(Dims{1, -2, 3});
  EXPECT_EQ(ints->dtype(), DType::kInt64);
  EXPECT_EQ(ints->dims(), Dims{3});
  EXPECT_EQ(ints->as_ints(), (Dims{1, -2, 3}));
  EXPECT_EQ(Constant::int_scalar(7)->rank(), 0U);
  EXPECT_EQ(Constant::int_scalar(7)->as_doubles(), std::vector<double>{7});
  const auto strings = Constant::make_strings({2}, {"a", "b"});
  EXPECT_EQ(strings->strings().at(1), "b");
  EXPECT_EQ(strings->byte_size(), 0U);
}

class EveryPermutation : public testing::TestWithParam<Dims> {};

TEST_P(EveryPermutation, TransposesComposesAndScales) {
  const Naive naive = Naive::counting(GetParam());
  const auto constant = Constant::floats(naive.dims, naive.elements);
  Dims first(naive.dims.size());
  std::iota(first.begin(), first.end(), 0);
  do {
    const auto once = constant->transposed(first);
    const Naive naive_once = naive.transposed(first);
    expect_same(*once, naive_once);
    for (std::size_t axis = 0; axis < naive.dims.size(); ++axis) {
      const auto factors = powers(naive_once.dims[axis]);
      expect_same(*once->scaled(axis, factors), naive_once.scaled(axis, factors));
    }
    Dims second(naive.dims.size());
    std::iota(second.begin(), second.end(), 0);
    do {
      const auto twice = once->transposed(second);
      const Naive naive_twice = naive_once.transposed(second);
      expect_same(*twice, naive_twice);
      if (second.empty()) continue;
      const auto factors = powers(naive_once.dims[0]);
      expect_same(*once->scaled(0, factors)->transposed(second), naive_once.scaled(0, factors).transposed(second));
    } while (std::next_permutation(second.begin(), second.end()));
  } while (std::next_permutation(first.begin(), first.end()));
}

INSTANTIATE_TEST_SUITE_P(Constant, EveryPermutation,
                         testing::Values(Dims{}, Dims{5}, Dims{0, 3}, Dims{3, 4}, Dims{2, 1, 3}, Dims{2, 3, 4},
                                         Dims{3, 1, 2, 5}, Dims{3, 3, 2, 4}));

TEST(Constant, PermutationThatOnlyMovesOnesIsFree) {
  const auto view = Constant::floats({1, 3, 1, 2}, Naive::counting({6}).elements)->transposed(Dims{1, 0, 3, 2});
  EXPECT_EQ(view->dims(), (Dims{3, 1, 2, 1}));
  EXPECT_TRUE(view->is_plain());
  EXPECT_TRUE(Constant::floats({2, 3}, Naive::counting({6}).elements)
                  ->transposed(Dims{1, 0})
                  ->transposed(Dims{1, 0})
                  ->is_plain());
}

TEST(Constant, ReshapeKeepsViewWhereOnlyOnesMove) {
  const Naive naive = Naive::counting({3, 4, 2});
  const auto constant = Constant::floats(naive.dims, naive.elements);
  const Naive moved = naive.transposed({2, 0, 1}).scaled(1, powers(3));
  const auto view = constant->transposed(Dims{2, 0, 1})->scaled(1, powers(3));
  for (const Dims& dims : {Dims{1, 2, 3, 4}, Dims{2, 1, 3, 1, 4}, Dims{2, 3, 4, 1}}) {
    const auto reshaped = view->reshaped(dims);
    EXPECT_FALSE(reshaped->is_plain());
    expect_same(*reshaped, {dims, moved.elements});
    expect_same(*reshaped->reshaped({2, 3, 4}), moved);
  }
}

TEST(Constant, ReshapeAcrossDimsOfAPermutationIsAView) {
  const Naive naive = Naive::counting({3, 4});
  const Naive moved = naive.transposed({1, 0});
  const auto reshaped = Constant::floats(naive.dims, naive.elements)->transposed(Dims{1, 0})->reshaped({2, 6});
  const Naive expected{{2, 6}, moved.elements};
  EXPECT_FALSE(reshaped->is_plain());
  expect_same(*reshaped, expected);
  expect_same(*reshaped->transposed(Dims{1, 0}), expected.transposed({1, 0}));
  expect_same(*reshaped->scaled(1, powers(6)), expected.scaled(1, powers(6)));
  expect_same(*reshaped->scaled(1, powers(6))->reshaped({12}), {{12}, expected.scaled(1, powers(6)).elements});
  expect_same(*reshaped->reshaped({4, 3}), moved);
  expect_same(*reshaped->reshaped({4, 3})->transposed(Dims{1, 0}), naive);
}

TEST(Constant, ReshapeAcrossDimsOfFactorsMaterialises) {
  const Naive naive = Naive::counting({3, 4});
  const auto reshaped = Constant::floats(naive.dims, naive.elements)->scaled(0, powers(3))->reshaped({2, 6});
  EXPECT_TRUE(reshaped->is_plain());
  expect_same(*reshaped, {{2, 6}, naive.scaled(0, powers(3)).elements});
}

TEST(Constant, FactorOfOneElementSurvivesReshapes) {
  const Naive naive = Naive::counting({1, 4});
  const auto scaled = Constant::floats(naive.dims, naive.elements)->scaled(0, {3.0F});
  std::vector<float> expected = naive.elements;
  for (auto& element : expected) element *= 3.0F;
  expect_same(*scaled->reshaped({4}), {{4}, expected});
  expect_same(*scaled->reshaped({4, 1}), {{4, 1}, expected});
}

TEST(Constant, FactorsOfOneAxisMultiplyAndOfAnotherMaterialise) {
  const Naive naive = Naive::counting({2, 3});
  const auto once = Constant::floats(naive.dims, naive.elements)->scaled(1, powers(3));
  expect_same(*once->scaled(1, powers(3)), naive.scaled(1, powers(3)).scaled(1, powers(3)));
  expect_same(*once->scaled(0, {2.0F, 8.0F}), naive.scaled(1, powers(3)).scaled(0, {2.0F, 8.0F}));
}

TEST(Constant, EveryElementSizeIsTransposed) {
  for (const DType dtype : {DType::kUint8, DType::kFloat16, DType::kInt32, DType::kDouble, DType::kComplex128}) {
    const std::size_t size = size_of(dtype);
    std::vector<std::byte> bytes(6 * size);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i / size * 16 + i % size);
    const auto view = Constant::make(dtype, {2, 3}, Bytes(bytes))->transposed(Dims{1, 0});
    const Bytes result = view->bytes();
    const std::size_t order[] = {0, 3, 1, 4, 2, 5};
    for (std::size_t i = 0; i < result.size(); ++i) {
      EXPECT_EQ(result.data()[i], static_cast<std::byte>(order[i / size] * 16 + i % size))
          << name_of(dtype) << " " << i;
    }
  }
}

TEST(Constant, StringsAreTransposedAndReshaped) {
  const auto strings = Constant::make_strings({2, 3}, {"a", "b", "c", "d", "e", "f"});
  EXPECT_EQ(strings->transposed(Dims{1, 0})->strings(), (std::vector<std::string>{"a", "d", "b", "e", "c", "f"}));
  EXPECT_EQ(strings->reshaped({3, 2})->strings(), strings->strings());
}

TEST(Constant, SameAsTellsViewsApart) {
  const auto constant = Constant::floats({2, 2}, std::vector<float>{1, 2, 3, 4});
  const auto flipped = constant->transposed(Dims{1, 0});
  EXPECT_TRUE(constant->same_as(*constant->reshaped({2, 2})));
  EXPECT_FALSE(constant->same_as(*constant->reshaped({4})));
  EXPECT_FALSE(constant->same_as(*flipped));
  EXPECT_TRUE(flipped->same_as(*constant->transposed(Dims{1, 0})));
  EXPECT_FALSE(constant->same_as(*constant->scaled(0, {1, 2})));
  EXPECT_TRUE(constant->scaled(0, {1, 2})->same_as(*constant->scaled(0, {1, 2})));
  EXPECT_FALSE(constant->same_as(*Constant::floats({2, 2}, std::vector<float>{1, 2, 3, 4})));
}

TEST(Constant, StreamStopsWhenTheSinkDoes) {
  const Naive naive = Naive::counting({1500, 1501});
  const auto view = Constant::floats(naive.dims, naive.elements)->transposed(Dims{1, 0});
  int pieces = 0;
  EXPECT_FALSE(view->stream([&](std::span<const std::byte>) { return ++pieces < 2; }));
  EXPECT_EQ(pieces, 2);
}

/// Larger than one block, from a mapped file at an odd offset.
class LargeView : public testing::TestWithParam<std::pair<Dims, Dims>> {};

TEST_P(LargeView, StreamsInBoundedPieces) {
  const Dims& dims = GetParam().first;
  const Dims& perm = GetParam().second;
  const auto count = static_cast<std::size_t>(count_of(dims));
  const auto path = std::filesystem::path(testing::TempDir()) / "constant_test_weights";
  std::vector<char> file(count * sizeof(float) + 1);
  std::mt19937 random(7);
  std::vector<float> elements(count);
  for (auto& element : elements) element = static_cast<float>(random() % 100000U);
  std::memcpy(file.data() + 1, elements.data(), count * sizeof(float));
  std::ofstream(path, std::ios::binary).write(file.data(), static_cast<std::streamsize>(file.size()));

  auto mapped = MappedFile::open(path);
  ASSERT_TRUE(mapped) << mapped.error().what;
  const auto slice = (*mapped)->bytes().subspan(1);
  const auto constant = Constant::make(DType::kFloat, dims, Bytes::of_file(*mapped, slice));
  const auto view = constant->transposed(perm)->scaled(0, powers(dims[static_cast<std::size_t>(perm[0])]));

  Dims strides(dims.size(), 1);
  for (std::size_t i = dims.size() - 1; i > 0; --i) strides[i - 1] = strides[i] * dims[i];
  const auto factors = powers(view->dims()[0]);
  const std::int64_t run = view->count() / view->dims()[0];
  std::size_t at = 0;
  std::size_t wrong = 0;
  const std::size_t limit = std::max<std::size_t>(std::size_t{4} << 20U, view->byte_size() / 16);
  EXPECT_TRUE(view->stream([&](std::span<const std::byte> piece) {
    EXPECT_LE(piece.size(), limit);
    for (std::size_t i = 0; i < piece.size(); i += sizeof(float), ++at) {
      float value;
      std::memcpy(&value, piece.data() + i, sizeof value);
      auto rest = static_cast<std::int64_t>(at);
      std::int64_t from = 0;
      for (std::size_t axis = dims.size(); axis-- > 0;) {
        from += rest % view->dims()[axis] * strides[static_cast<std::size_t>(perm[axis])];
        rest /= view->dims()[axis];
      }
      const float expected = elements[static_cast<std::size_t>(from)] *
                             factors[static_cast<std::size_t>(static_cast<std::int64_t>(at) / run)];
      wrong += value == expected ? 0U : 1U;
    }
    return true;
  }));
  EXPECT_EQ(at, count);
  EXPECT_EQ(wrong, 0U);
  std::filesystem::remove(path);
}

INSTANTIATE_TEST_SUITE_P(Constant, LargeView,
                         testing::Values(std::pair{Dims{1031, 2003}, Dims{1, 0}},
                                         std::pair{Dims{3, 3, 190, 701}, Dims{3, 2, 0, 1}},
                                         std::pair{Dims{400003, 5}, Dims{1, 0}}, std::pair{Dims{5, 400003}, Dims{1, 0}},
                                         std::pair{Dims{7, 601, 11, 31}, Dims{0, 2, 1, 3}},
                                         std::pair{Dims{2, 1200007}, Dims{0, 1}}));

TEST(DType, SizesAndNames) {
  EXPECT_EQ(name_of(DType::kFloat), "float");
  EXPECT_EQ(name_of(DType::kFloat8E4m3fnuz), "float8e4m3fnuz");
  EXPECT_EQ(size_of(DType::kComplex128), 16U);
  EXPECT_EQ(size_of(DType::kInt4), 1U);
  EXPECT_EQ(bits_of(DType::kInt4), 4U);
  EXPECT_EQ(size_of(DType::kString), 0U);
  EXPECT_EQ(name_of(static_cast<DType>(99)), "undefined");
}

TEST(DType, ReadsSmallFloats) {
  const auto read = [](DType type, std::uint16_t bits) {
    std::byte bytes[2];
    std::memcpy(bytes, &bits, sizeof bits);
    return element_as_double(type, bytes);
  };
  EXPECT_EQ(read(DType::kFloat16, 0x3C00), 1.0);
  EXPECT_EQ(read(DType::kFloat16, 0xC500), -5.0);
  EXPECT_EQ(read(DType::kFloat16, 0x0001), 0x1p-24);
  EXPECT_EQ(read(DType::kFloat16, 0x7C00), std::numeric_limits<double>::infinity());
  EXPECT_EQ(read(DType::kBfloat16, 0x40A0), 5.0);
  EXPECT_EQ(read(DType::kFloat8E4m3fn, 0x7E), 448.0);
  EXPECT_TRUE(std::isnan(read(DType::kFloat8E4m3fn, 0x7F)));
  EXPECT_EQ(read(DType::kFloat8E4m3fnuz, 0x7F), 240.0);
  EXPECT_TRUE(std::isnan(read(DType::kFloat8E4m3fnuz, 0x80)));
  EXPECT_EQ(read(DType::kFloat8E5m2, 0x7B), 57344.0);
  EXPECT_EQ(read(DType::kFloat8E5m2fnuz, 0x7F), 57344.0);
  EXPECT_EQ(read(DType::kFloat4E2m1, 0x0F), -6.0);
  EXPECT_EQ(read(DType::kFloat8E8m0, 0x80), 2.0);
}

TEST(DType, IntsAreClampedFromFloats) {
  EXPECT_EQ(Constant::floats({3}, std::vector<float>{-1.5F, 1e30F, NAN})->as_ints(),
            (Dims{-1, std::numeric_limits<std::int64_t>::max(), 0}));
}

}  // namespace
}  // namespace flowport::ir
