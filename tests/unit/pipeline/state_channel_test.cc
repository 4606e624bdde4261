#include "server/pipeline/state_channel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace tagswell {
namespace {

TEST(StateChannel, GivesThePiecesInOrderAndThenTheEnd) {
  StateChannel channel;
  std::thread puts([&] {
    for (int i = 0; i < 1'000; ++i) channel.Put(std::to_string(i));
    channel.Put({});
  });
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(channel.Take(), std::to_string(i));
  for (int again = 0; again < 3; ++again) EXPECT_TRUE(channel.Take().empty());
  puts.join();
}

TEST(StateChannel, HoldsNoMoreThanItsBound) {
  StateChannel channel;
  std::atomic<int> put = 0;
  std::thread puts([&] {
    for (; put < 200; ++put) channel.Put(std::string(1 << 20, 'x'));
    channel.Put({});
  });
  int taken = 0;
  for (; !channel.Take().empty(); ++taken) EXPECT_LE(put - taken, 18);  // one in each hand
  puts.join();
  EXPECT_EQ(taken, 200);
}

TEST(StateChannel, LetsAPieceThatIsLargerThanItsBoundThroughAlone) {
  StateChannel channel;
  std::thread puts([&] {
    for (int i = 0; i < 3; ++i) channel.Put(std::string(20 << 20, 'x'));
    channel.Put({});
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(channel.Take().size(), 20U << 20);
  EXPECT_TRUE(channel.Take().empty());
  puts.join();
}

}  // namespace
}  // namespace tagswell
