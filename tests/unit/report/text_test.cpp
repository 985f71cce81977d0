#include <gtest/gtest.h>

#include "sample.h"

namespace flowport::report {
namespace {

TEST(SummaryText, TellsWhatHappenedInAFewLines) {
  EXPECT_EQ(summary_text(sample_report()),
            "Model      digits/saved_model (SavedModel, signature serving_default)\n"
            "Target     default, ai.onnx 21, com.example 1, IR 10\n"
            "Inputs     image: float[N,8,8,1]\n"
            "Outputs    scores: float[N,10]\n"
            "TensorFlow 5 nodes: BiasAdd 2, Conv2D 2, Frob 1\n"
            "ONNX       3 nodes: Conv 2, com.example.Frob 1\n"
            "Left out   3 nodes on which no output depends by data: Assert 2, PrintV2 1\n"
            "Warning    NaN is treated as zero (node 'frob')\n"
            "Written    digits.onnx (123.5 kB)\n"
            "Time       0.02 s, 52.0 MB at most in memory\n"
            "To run     domain com.example version 1: Frob\n"
            "           library   libfrob.so\n"
            "           register  RegisterCustomOps\n");
}

TEST(SummaryText, TellsWhatTheRunTimeNeedsOnceForEachLibrary) {
  Report report;
  report.runtime_needs = {
      {"com.a", "Blur", 2, "liba.so", ""}, {"com.a", "Edge", 2, "liba.so", ""}, {"com.b", "Zip", 1, "", ""}};
  EXPECT_EQ(summary_text(report),
            "To run     domain com.a version 2: Blur, Edge\n"
            "           library   liba.so\n"
            "To run     domain com.b version 1: Zip\n"
            "           whoever declared the ops names no library\n");
}

TEST(SummaryText, LeavesOutWhatIsNotThere) {
  Report report;
  report.model = "model.pb";
  EXPECT_EQ(summary_text(report), "Model      model.pb\n");
}

TEST(SummaryText, ShowsTheMostFrequentOps) {
  Report report;
  report.onnx_ops = {{"A", 1}, {"B", 9}, {"C", 3}, {"D", 3}, {"E", 2}, {"F", 1}, {"G", 1}};
  EXPECT_NE(summary_text(report).find("20 nodes: B 9, C 3, D 3, E 2, A 1, ... (2 more)\n"), std::string::npos)
      << summary_text(report);
}

TEST(SummaryText, SaysSizesInUnitsThatFit) {
  Report report;
  for (const std::uint64_t bytes :
       {0ULL, 999ULL, 1000ULL, 999'949ULL, 999'950ULL, 5'000'000'000ULL, 5'000'000'000'000ULL}) {
    report.files.push_back({"f", bytes});
  }
  const std::string text = summary_text(report);
  for (const char* size :
       {"(0 bytes)", "(999 bytes)", "(1.0 kB)", "(999.9 kB)", "(1.0 MB)", "(5.0 GB)", "(5000.0 GB)"}) {
    EXPECT_NE(text.find(size), std::string::npos) << size << " in\n" << text;
  }
}

TEST(ProblemsText, TellsEqualProblemsOnceWithTheirPlaces) {
  const Problems problems = {
      {Fault::kModel, "the file is cut short", "a.index, byte 12", "copy it again"},
      {Fault::kUsage, "no such output", "", ""},
      {Fault::kModel, "the file is cut short", "b.index", "copy it again"},
      {Fault::kModel, "the file is cut short", "c.index", "copy it again"},
      {Fault::kModel, "the file is cut short", "d.index", "copy it again"},
      {Fault::kInternal, "a value is lost", "node 'x'", ""},
  };
  EXPECT_EQ(problems_text(problems),
            "error: the file is cut short\n"
            "    at    a.index, byte 12; b.index; c.index; ... (1 more)\n"
            "    next  copy it again\n"
            "error: no such output\n"
            "internal error: a value is lost\n"
            "    at    node 'x'\n");
}

TEST(ProblemsText, ListsOpsWithCountPlacesReasonAndNextStep) {
  const std::vector<OpProblem> problems = {
      {"Zap", "no plugin converts it", "write a mapping", 5, {{"z1", ""}, {"z2", "f/g"}, {"z3", ""}}},
      {"Pow", "the exponent is a string", "", 1, {{"p", ""}}},
  };
  EXPECT_EQ(problems_text(problems),
            "error: 2 ops cannot be converted, in 6 nodes\n"
            "  Zap (5 nodes)\n"
            "    at    z1; z2 in f/g; z3; ... (2 more)\n"
            "    why   no plugin converts it\n"
            "    next  write a mapping\n"
            "  Pow (1 node)\n"
            "    at    p\n"
            "    why   the exponent is a string\n");
}

TEST(ProblemsText, IsEmptyWithoutProblems) {
  EXPECT_EQ(problems_text(Problems{}), "");
  EXPECT_EQ(problems_text(std::vector<OpProblem>{}), "");
}

}  // namespace
}  // namespace flowport::report
