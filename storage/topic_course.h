// The course of one topic through its whole life, as the history has it: how much, from when to when, in which hour
// most, where it came when, and when it passed which milestones. Posts are exact; authors are exact or said to be
// estimated (standard error 0.8 %).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/time.h"

namespace tagswell {

struct TopicCourse {
  struct Place {
    std::string scope;  // any but the world
    Minute first{0};    // with a post there
    std::uint64_t posts = 0;
    std::uint64_t authors = 0;
    bool authors_exact = true;
  };
  // A milestone: a count of posts or authors that was reached.
  struct Passed {
    Minute end{0};  // of the minute in which it was
    bool of_authors = false;
    std::uint64_t count = 0;
    std::string source;  // the network that it was reached on; empty: all together
    bool exact = true;
  };

  std::uint64_t posts = 0;  // 0: there is nothing of the topic, and all below is empty
  std::uint64_t authors = 0;
  bool authors_exact = true;
  Minute first{0};      // with a post
  Minute last{0};       // with a post
  Minute peak_hour{0};  // the hour of the clock with most posts; of several the first
  std::uint64_t peak_posts = 0;
  std::uint64_t peak_authors = 0;
  bool peak_authors_exact = true;
  // Whole hours that hold all but the first and the last half percent of the posts.
  Minute bulk_from{0};
  Minute bulk_to{0};
  std::vector<Place> places;   // by their first minute, then by name
  std::vector<Passed> passed;  // by time; the last kPassedMax
  bool complete = true;        // false: what came later was too much to read

  static constexpr std::size_t kPassedMax = 1'000;
};

}  // namespace tagswell
