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

// After so many hours without the topic it is worth asking which hour has any topic at all: a stray post of years ago
// must not cost a look at every hour since.
constexpr std::uint32_t kMissesMax = 24;

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

  std::optional<std::uint32_t> Last() {
    it_->SeekToLast();
    std::optional<std::uint32_t> found = OnDisk();
    if (!young_.empty() && (!found || *young_.rbegin() > *found)) found = *young_.rbegin();
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

std::expected<TopicCourse, Error> History::CourseOf(std::string_view topic, std::span<const std::uint64_t> milestones,
                                                    std::uint64_t rows_max) const {
  const auto view = state_->LookAt(std::span(&topic, 1), "world", 0, kStateHour - 1);
  if (!view) return std::unexpected(view.error());
  std::set<std::uint32_t> young;
  for (const auto& [name, rows] : view->rows) young.insert(LoadBig<std::uint32_t>(name));
  KnownHours known(state_->database, view->snapshot->get(), std::move(young));

  CourseFold fold(milestones, [this](std::uint32_t combo) {
    const std::lock_guard lock(state_->mutex);
    return state_->combos.stored(combo);
  });
  const auto last = known.Last();
  std::optional<std::uint32_t> hour = last ? known.From(state_->start_hour) : std::nullopt;
  std::uint32_t misses = 0;
  std::uint64_t rows_read = 0;
  bool complete = true;
  HistoryCell cell;
  while (hour && *hour <= *last) {
    const auto there = state_->ReadCell(*view, *hour, topic, cell);
    if (!there) return std::unexpected(there.error());
    if (*there) {
      rows_read += cell.size();
      complete = rows_read <= rows_max;
      if (!complete) break;
      fold.Add(*hour, cell);
      misses = 0;
    }
    hour = *there || ++misses < kMissesMax ? *hour + 1 : known.From(*hour + 1);
  }
  if (!known.status().ok()) return std::unexpected(StorageError(known.status()));
  TopicCourse course = fold.Take();
  course.complete = complete;
  return course;
}

}  // namespace tagswell
