#include "server/pipeline/side_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace tagswell {
namespace {

// Keeps the thread busy from construction until Release.
class Occupied {
 public:
  explicit Occupied(SideThread& thread) {
    std::promise<void> began;
    auto running = began.get_future();
    thread.Put([began = std::move(began), until = release_.get_future()](auto) mutable {
      began.set_value();
      until.wait();
    });
    running.wait();
  }
  void Release() { release_.set_value(); }

 private:
  std::promise<void> release_;
};

SideThread::Job Note(std::vector<std::string>& told, const std::string& name) {
  return
      [&told, name](std::expected<void, Error> turn) { told.push_back(turn ? name : name + " " + turn.error().code); };
}

TEST(SideThread, DoesOneJobAfterAnother) {
  std::vector<std::string> told;
  std::promise<void> done;
  SideThread thread("test", 4);
  Occupied occupied(thread);
  for (const char* name : {"a", "b", "c"}) thread.Put(Note(told, name));
  thread.Put([&done](auto) { done.set_value(); });
  EXPECT_TRUE(told.empty());
  occupied.Release();
  done.get_future().wait();
  EXPECT_EQ(told, std::vector<std::string>({"a", "b", "c"}));
}

TEST(SideThread, RefusesAtOnceWhatMayNotWait) {
  std::vector<std::string> waited;
  std::vector<std::string> refused;
  SideThread thread("test", 2);
  Occupied occupied(thread);
  thread.Put(Note(waited, "a"));
  thread.Put(Note(waited, "b"));
  thread.Put(Note(refused, "c"));
  EXPECT_EQ(refused, std::vector<std::string>({"c overloaded"}));
  occupied.Release();
  thread.Stop();
  EXPECT_EQ(waited.size(), 2U);
}

TEST(SideThread, LetsTheJobThatRunsEndAndTellsTheOthersThatItStops) {
  std::vector<std::string> told;
  std::promise<void> began;
  SideThread thread("test", 4);
  thread.Put([&](auto) {
    began.set_value();
    while (!thread.stopping()) std::this_thread::yield();
    told.emplace_back("ended");
  });
  began.get_future().wait();
  thread.Put(Note(told, "a"));
  thread.Stop();
  thread.Put(Note(told, "b"));
  thread.Stop();
  EXPECT_EQ(told, std::vector<std::string>({"ended", "a draining", "b draining"}));
}

}  // namespace
}  // namespace tagswell
