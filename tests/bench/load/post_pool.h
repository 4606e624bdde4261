// Posts for load: rendered once, then copied and patched, so that making one costs the generator some tens of
// nanoseconds. About 300 bytes each: Zipf tags, 0.7 a post, several languages, countries and networks.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tagswell::load {

struct PostPoolOptions {
  std::uint32_t tags = 50'000;        // distinct ones, used by Zipf's law
  std::uint32_t authors = 1'000'000;  // up to a million, each as likely as any other
  std::uint64_t seed = 1;
  std::string run;  // 8 characters: makes ids of this run unlike those of any other
};

class PostPool {
 public:
  explicit PostPool(const PostPoolOptions& options);

  // Event time of the posts that follow; milliseconds are kept.
  void SetTime(std::chrono::system_clock::time_point at);

  // Appends one post as a JSON object followed by a newline. Its id was never used before.
  void Append(std::string& out);

 private:
  struct Template {
    std::uint32_t begin, size;          // in text_
    std::uint16_t author, time;         // offsets of what is patched, from `begin`
    std::array<std::uint16_t, 2> tags;  // 0: no such tag
  };
  static constexpr std::size_t kTemplates = 1U << 15U;
  static constexpr std::size_t kIdOffset = 15;  // behind {"id":" and the run
  void WriteTag(char* to);

  std::string text_;
  std::vector<Template> templates_;
  std::array<char, 12> id_{};    // decimal, counted up in place
  std::array<char, 24> time_{};  // 2024-01-01T00:00:00.000Z
  std::array<std::array<char, 3>, 1000> triples_{};
  std::size_t next_ = 0;
  std::uint64_t random_;
  std::uint32_t authors_;
  double tags_log_;  // natural logarithm of PostPoolOptions::tags
};

}  // namespace tagswell::load
