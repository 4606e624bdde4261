#include "server/pipeline/arrivals.h"

#include <algorithm>
#include <utility>

namespace tagswell {
namespace {

// Of how many bodies what is learnt is about the mean.
constexpr double kBodiesRemembered = 16;

}  // namespace

class Arrivals::Body {
 public:
  Body(std::shared_ptr<Counts> counts, std::chrono::sys_seconds second, Coming coming)
      : counts_(std::move(counts)), second_(second), coming_(coming) {}
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  ~Body() {
    const std::lock_guard lock(counts_->mutex);
    Second& slot = SlotOf(*counts_, second_);
    if (slot.begin != second_) return;  // over by itself
    slot.coming.posts -= coming_.posts;
    slot.coming.bytes -= coming_.bytes;
  }

 private:
  const std::shared_ptr<Counts> counts_;
  const std::chrono::sys_seconds second_;
  const Coming coming_;
};

Arrivals::Second& Arrivals::SlotOf(Counts& counts, std::chrono::sys_seconds second) {
  return counts.seconds[static_cast<std::uint64_t>(second.time_since_epoch().count()) % 2];
}

std::shared_ptr<const void> Arrivals::Expect(std::uint64_t bytes, Timestamp now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const std::lock_guard lock(counts_->mutex);
  const Coming coming{.posts = static_cast<std::uint64_t>(static_cast<double>(bytes) / counts_->bytes_a_post),
                      .bytes = bytes};
  Second& slot = SlotOf(*counts_, second);
  if (slot.begin != second) slot = {.begin = second, .coming = {}};
  slot.coming += coming;
  return std::make_shared<const Body>(counts_, second, coming);
}

void Arrivals::Learn(std::uint64_t bytes, std::uint64_t posts) {
  if (bytes == 0 || posts == 0) return;
  const std::lock_guard lock(counts_->mutex);
  const double bytes_a_post = std::max(1.0, static_cast<double>(bytes) / static_cast<double>(posts));
  counts_->bytes_a_post += (bytes_a_post - counts_->bytes_a_post) / kBodiesRemembered;
}

Arrivals::Coming Arrivals::At(Timestamp now) const {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const std::lock_guard lock(counts_->mutex);
  Coming coming;
  for (const Second& slot : counts_->seconds) {
    if (slot.begin >= second - std::chrono::seconds(1)) coming += slot.coming;
  }
  return coming;
}

}  // namespace tagswell
