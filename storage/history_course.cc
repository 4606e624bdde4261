#include <rocksdb/iterator.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "storage/course_fold.h"
#include "storage/history.h"
#include "storage/history_cell.h"
#include "storage/history_state.h"

namespace tagswell {
namespace {

// After so many hours without the topic it is worth asking which hour has any topic at all: a stray post of decades ago
// must not cost a look at every hour since. Where that was asked in vain, it is asked half as often from then on.
constexpr std::uint32_t kPatience = 24;

// The hours of one look in which anything was used.
class KnownHours {
 public:
  KnownHours(Database& database, const rocksdb::Snapshot* snapshot, std::set<std::uint32_t> young)
      : young_(std::move(young)) {
    options_.snapshot = snapshot;
    options_.iterate_upper_bound = &upper_slice_;
    it_.reset(database.db().NewIterator(options_, database.family(Family::kHistory)));
  }

  // The first one from `hour` on.
  std::optional<std::uint32_t> From(std::uint32_t hour) {
    it_->Seek(CellName(hour, ""));
    const auto young = young_.lower_bound(hour);
    std::optional<std::uint32_t> found = OnDisk();
    if (young != young_.end() && (!found || *young < *found)) found = *young;
    return found;
  }

  rocksdb::Status status() const { return it_->status(); }

 private:
  std::optional<std::uint32_t> OnDisk() const {
    if (!it_->Valid() || it_->key().size() <= sizeof(std::uint32_t)) return std::nullopt;
    return LoadBig<std::uint32_t>({it_->key().data(), it_->key().size()});
  }

  const std::set<std::uint32_t> young_;
  const std::string upper_ = CellName(kStateHour, "");
  const rocksdb::Slice upper_slice_{upper_};
  rocksdb::ReadOptions options_;
  std::unique_ptr<rocksdb::Iterator> it_;
};

}  // namespace

std::expected<TopicCourse, Error> History::CourseOf(std::string_view topic, Minute from, Minute to,
                                                    std::span<const std::uint64_t> milestones,
                                                    std::uint64_t rows_max) const {
  const std::uint32_t first_hour = std::max(HourOf(from), state_->start_hour.load());
  const std::uint32_t last_hour = HourOf(to - 1);
  const auto view = state_->LookAt(std::span(&topic, 1), "world", first_hour, last_hour);
  if (!view) return std::unexpected(view.error());
  std::set<std::uint32_t> young;
  for (const auto& [name, rows] : view->rows) young.insert(LoadBig<std::uint32_t>(name));
  KnownHours known(state_->database, view->snapshot->get(), std::move(young));

  CourseFold fold(milestones, [this](std::uint32_t combo) {
    const std::lock_guard lock(state_->mutex);
    return state_->combos.stored(combo);
  });
  std::optional<std::uint32_t> hour = known.From(first_hour);
  std::uint32_t patience = kPatience;
  std::uint32_t misses = 0;
  std::uint64_t rows_read = 0;
  bool complete = true;
  HistoryCell cell;
  while (hour && *hour <= last_hour) {
    const auto there = state_->ReadCell(*view, *hour, topic, cell);
    if (!there) return std::unexpected(there.error());
    if (*there) {
      rows_read += cell.size();
      complete = rows_read <= rows_max;
      if (!complete) break;
      fold.Add(*hour, cell);
      misses = 0;
    } else {
      ++misses;
    }
    const std::uint32_t next = *hour + 1;
    hour = next;
    if (misses < patience) continue;
    hour = known.From(next);
    misses = 0;
    patience = hour == next ? 2 * patience : kPatience;
  }
  if (!known.status().ok()) return std::unexpected(StorageError(known.status()));
  TopicCourse course = fold.Take();
  course.complete = complete;
  return course;
}

}  // namespace tagswell
