#include "trend/admission_sketch.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/trend/saved.h"

namespace tagswell {
namespace {

TEST(AdmissionSketch, LetsInWithTheSecondAuthor) {
  AdmissionSketch sketch;
  std::mt19937_64 random(1);
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t topic = random();
    const std::uint64_t author = random();
    EXPECT_FALSE(sketch.Admit(topic, author));
    EXPECT_FALSE(sketch.Admit(topic, author)) << "one author is not two";
    EXPECT_TRUE(sketch.Admit(topic, random()));
  }
}

TEST(AdmissionSketch, StrangersDoNotPassForEachOther) {
  AdmissionSketch sketch;
  std::mt19937_64 random(2);
  int passed = 0;
  for (int i = 0; i < 2'000'000; ++i) passed += sketch.Admit(random(), random()) ? 1 : 0;
  // A quarter of them meet a taken slot, one in 65,536 of those with the same bits.
  EXPECT_LT(passed, 40);
}

TEST(AdmissionSketch, IsSavedWhole) {
  AdmissionSketch sketch;
  EXPECT_FALSE(sketch.Admit(0x1234567812345678, 0xAAAA000000000000));
  const std::string bytes = Saved(sketch);
  AdmissionSketch again;
  StateReader in(bytes);
  again.Load(in);
  EXPECT_TRUE(in.ok() && in.AtEnd());
  EXPECT_TRUE(again.Admit(0x1234567812345678, 0xBBBB000000000000));
}

}  // namespace
}  // namespace tagswell
