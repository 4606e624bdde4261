#include "server/net/mailbox.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

Frame OfSize(std::size_t bytes) {
  return std::make_shared<const std::string>(bytes, 'x');
}

TEST(Mailbox, WakesOnceForAllThatIsQueued) {
  int wakes = 0;
  Mailbox mailbox(100, [&] { ++wakes; });
  EXPECT_TRUE(mailbox.Send(OfSize(10)));
  EXPECT_TRUE(mailbox.Send(OfSize(20)));
  EXPECT_EQ(wakes, 1);
  Mailbox::Taken taken;
  mailbox.Take(taken);
  EXPECT_EQ(taken.items.size(), 2u);
  EXPECT_FALSE(taken.close);
  mailbox.Send(OfSize(1));
  EXPECT_EQ(wakes, 2);
}

TEST(Mailbox, CountsWhatIsTakenUntilItIsWritten) {
  Mailbox mailbox(100, [] {});
  EXPECT_TRUE(mailbox.Send(OfSize(60)));
  Mailbox::Taken taken;
  mailbox.Take(taken);
  mailbox.Written(60);
  EXPECT_TRUE(mailbox.Send(OfSize(60)));
  mailbox.Take(taken);
  EXPECT_FALSE(mailbox.Send(OfSize(60)));
  EXPECT_FALSE(mailbox.IsOpen());
}

TEST(Mailbox, TakesOneFrameAboveTheBoundWhenEmpty) {
  Mailbox mailbox(100, [] {});
  EXPECT_TRUE(mailbox.Send(OfSize(1000)));
  EXPECT_FALSE(mailbox.Send(OfSize(1)));
}

TEST(Mailbox, ClosesWithTheReasonOfItsOwnerWhenItOverflows) {
  Mailbox mailbox(10, [] {});
  mailbox.SetOverflowReason("seq 7");
  EXPECT_TRUE(mailbox.Send(OfSize(10)));
  EXPECT_FALSE(mailbox.Send(OfSize(1)));
  EXPECT_FALSE(mailbox.Send(OfSize(0)));
  Mailbox::Taken taken;
  mailbox.Take(taken);
  EXPECT_TRUE(taken.items.empty());
  EXPECT_TRUE(taken.close);
  EXPECT_TRUE(taken.overflown);
  EXPECT_EQ(taken.code, CloseCode::kTryAgainLater);
  EXPECT_EQ(taken.reason, "seq 7");
}

TEST(Mailbox, SendsWhatIsQueuedBeforeItCloses) {
  Mailbox mailbox(100, [] {});
  mailbox.Send(OfSize(1));
  mailbox.Close(CloseCode::kNormal, "bye");
  EXPECT_FALSE(mailbox.Send(OfSize(1)));
  Mailbox::Taken taken;
  mailbox.Take(taken);
  EXPECT_EQ(taken.items.size(), 1u);
  EXPECT_TRUE(taken.close);
  EXPECT_EQ(taken.code, CloseCode::kNormal);
}

}  // namespace
}  // namespace tagswell
