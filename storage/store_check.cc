#include "storage/store_check.h"

#include <rocksdb/sst_file_reader.h>

#include <memory>
#include <utility>

#include "proto/alias_groups.h"
#include "storage/board_log.h"
#include "storage/checkpoints.h"
#include "storage/database.h"
#include "storage/event_log.h"
#include "storage/history_cell.h"
#include "storage/history_state.h"
#include "storage/log_check.h"
#include "storage/log_file_scan.h"
#include "storage/meta_keys.h"
#include "storage/spellings.h"

namespace tagswell {
namespace {

namespace fs = std::filesystem;

class Checker {
 public:
  Checker(const fs::path& dir, const std::function<void(std::string)>& progress, StoreCheck& result)
      : dir_(dir), progress_(progress), result_(result) {}

  void Run() {
    if (!fs::exists(dir_ / "CURRENT")) return Damage("CURRENT is missing: this is no store");
    LogFiles();
    StoreOptions options;
    options.dir = dir_;
    auto database = Database::OpenForReading(options);
    if (!database) {
      Damage(database.error().detail);
      return EverySortedFile();
    }
    database_ = std::move(*database);
    SortedFiles();
    if (!result_.damage.empty()) return;  // what is read from damaged files would only be told again
    Identity();
    LogCheck log(*database_, salt_, progress_, result_);
    log.Run();
    last_ = log.last();
    HistoryRows(log);
    SpellingRows();
    Events();
    Boards();
    States();
  }

 private:
  void Damage(std::string what) { result_.damage.push_back(std::move(what)); }
  void Fact(std::string what) { result_.facts.push_back(std::move(what)); }

  void LogFiles() {
    progress_("logs and manifest");
    auto scans = ScanWriteAheadLogs(dir_);
    if (!scans) return Damage(scans.error().detail);
    for (const fs::directory_entry& entry : fs::directory_iterator(dir_)) {
      if (!entry.path().filename().string().starts_with("MANIFEST-")) continue;
      auto scan = ScanLogFile(entry.path());
      if (!scan) return Damage(scan.error().detail);
      scans->push_back(std::move(*scan));
    }
    for (const LogFileScan& scan : *scans) {
      if (!scan.damaged_at) continue;
      std::string text = scan.file.filename().string() + ": " + scan.damage + " at byte " +
                         std::to_string(*scan.damaged_at) + " of " + std::to_string(scan.bytes) + "; " +
                         std::to_string(scan.records_behind) + " whole records stand behind it";
      if (scan.last_behind != BlockSeq{0}) text += ", the last of them block " + Number(scan.last_behind);
      Damage(text);
    }
    Fact("logs          " + std::to_string(scans->size()) + " files");
  }

  void SortedFile(const fs::path& file, const rocksdb::Options& options) {
    rocksdb::SstFileReader reader(options);
    rocksdb::Status status = reader.Open(file.string());
    if (status.ok()) status = reader.VerifyChecksum();
    if (!status.ok()) Damage(file.filename().string() + ": " + status.ToString());
  }

  // Without a manifest nobody knows which files count: all are looked at.
  void EverySortedFile() {
    for (const fs::directory_entry& entry : fs::directory_iterator(dir_)) {
      if (entry.path().extension() == ".sst") SortedFile(entry.path(), rocksdb::Options());
    }
  }

  void SortedFiles() {
    std::vector<rocksdb::LiveFileMetaData> files;
    database_->db().GetLiveFilesMetaData(&files);
    std::uint64_t bytes = 0;
    for (const rocksdb::LiveFileMetaData& file : files) {
      progress_("file " + file.relative_filename);
      bytes += file.size;
      for (std::size_t i = 0; i < kFamilies; ++i) {
        const Family family{static_cast<unsigned char>(i)};
        if (database_->family(family)->GetName() == file.column_family_name) {
          SortedFile(dir_ / file.relative_filename, database_->FileOptions(family));
        }
      }
    }
    Fact("sorted files  " + std::to_string(files.size()) + " files, " + std::to_string(bytes) + " bytes");
  }

  void Identity() {
    const auto format = database_->Get(Family::kMeta, kFormatKey);
    const auto salt = database_->Get(Family::kMeta, kSaltKey);
    const auto epoch = database_->Get(Family::kMeta, kEpochKey);
    if (!format || !*format || **format != kFormat || !salt || !*salt || (*salt)->size() != sizeof(HashSalt) ||
        !epoch || !*epoch) {
      return Damage("meta: format, salt or epoch is missing");
    }
    salt_ = HashSalt{LoadLittle<std::uint64_t>(**salt)};
    Fact("store         " + **format + ", epoch " + **epoch);
  }

  void HistoryRows(const LogCheck& log) {
    progress_("history");
    HistoryCell cell;
    std::int64_t counted = 0;
    std::string state;
    AppendBig(kStateHour, state);
    const std::uint64_t rows = EachRow(*database_, result_, Family::kHistory, "", "history",
                                       [&](std::string_view key, std::string_view value) -> std::string {
                                         if (key.size() < sizeof(kStateHour)) return "a key is too short";
                                         if (key.starts_with(state)) return "";
                                         cell.Clear();
                                         if (!cell.AddStored(value)) return "a cell is damaged";
                                         if (LoadBig<std::uint32_t>(key) < log.whole_from_hour()) return "";
                                         // A group's mentions are its members' once more.
                                         if (IsGroupKey(key.substr(sizeof(kStateHour)))) return "";
                                         cell.Normalize();
                                         for (const CellRow& row : cell.exact()) counted += row.posts;
                                         for (const CellRow& row : cell.coarse_posts()) counted += row.posts;
                                         return "";
                                       });
    if (counted != log.mentions()) {
      Damage("history: it counts " + std::to_string(counted) + " mentions, the log " + std::to_string(log.mentions()));
    }
    Fact("history       " + std::to_string(rows) + " cells up to block " + Number(log.history_upto()) + ", " +
         std::to_string(counted) + " mentions");
  }

  void SpellingRows() {
    const std::uint64_t rows =
        EachRow(*database_, result_, Family::kSpellings, "", "spellings", [](std::string_view, std::string_view value) {
          return std::string(Spellings().AddStored(value) ? "" : "a row is damaged");
        });
    Fact("spellings     " + std::to_string(rows) + " topics");
  }

  void Events() {
    const auto start = database_->Get(Family::kMeta, kEventsStartKey);
    if (!start) return Damage("events: " + start.error().detail);
    std::uint64_t last = 0;
    EachRow(*database_, result_, Family::kEvents, start->value_or(""), "events",
            [&](std::string_view key, std::string_view value) -> std::string {
              const std::uint64_t seq = key.size() == sizeof(last) ? LoadBig<std::uint64_t>(key) : 0;
              const bool follows = seq != 0 && (last == 0 || seq == last + 1);
              last = seq;
              if (!follows) return "event " + std::to_string(seq) + " does not follow the one before";
              const auto event = DecodeEvent(value);
              return event ? "" : "event " + std::to_string(seq) + ": " + event.error().detail;
            });
    Fact("events        up to " + std::to_string(last));
  }

  void Boards() {
    const std::uint64_t rows = EachRow(*database_, result_, Family::kBoards, "", "boards",
                                       [](std::string_view key, std::string_view value) -> std::string {
                                         if (!BoardLog::IsBoard(key)) return "";
                                         const auto board = DecodeBoard(value, "world");
                                         return board ? "" : board.error().detail;
                                       });
    Fact("boards        " + std::to_string(rows) + " rows");
  }

  void States() {
    progress_("checkpoints");
    const Checkpoints checkpoints(*database_);
    const auto kept = checkpoints.Kept();
    if (!kept) return Damage("checkpoints: " + kept.error().detail);
    for (const BlockSeq at : *kept) {
      if (at > last_)
        Damage("log: it ends with block " + Number(last_) + ", and a checkpoint holds block " + Number(at));
      const auto loaded = checkpoints.LoadNewest(at);
      if (!loaded || !*loaded || (*loaded)->at != at)
        Damage("checkpoints: the one at block " + Number(at) + " is damaged");
    }
    Fact("checkpoints   " + std::to_string(kept->size()) +
         (kept->empty() ? "" : ", the newest at block " + Number(kept->back())));
  }

  const fs::path& dir_;
  const std::function<void(std::string)>& progress_;
  StoreCheck& result_;
  std::unique_ptr<Database> database_;
  HashSalt salt_{};
  BlockSeq last_{0};  // of the log
};

}  // namespace

StoreCheck CheckStore(const fs::path& dir, const std::function<void(std::string)>& progress) {
  StoreCheck result;
  Checker(dir, progress, result).Run();
  return result;
}

}  // namespace tagswell
