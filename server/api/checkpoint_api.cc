#include "server/api/checkpoint_api.h"

#include <filesystem>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/api/connectors.h"
#include "server/logging.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

namespace fs = std::filesystem;

// On the store's own file system, where sorted files are linked and not copied.
constexpr const char* kFolder = "backups";

struct Copy {
  fs::path path;
  std::uint64_t posts = 0;  // at least
};

// Cursors of connectors. They are being replaced meanwhile, each as a whole.
void CopyCursors(const fs::path& from, const fs::path& to, std::error_code& error) {
  if (!fs::exists(from, error) || error) return;
  fs::create_directories(to, error);
  for (const fs::directory_entry& entry : fs::directory_iterator(from, error)) {
    if (!error && entry.path().extension() == ".json") fs::copy_file(entry.path(), to / entry.path().filename(), error);
  }
}

std::expected<Copy, Error> MakeCopy(Store& store, const fs::path& data, Timestamp now) {
  const fs::path folder = data / kFolder;
  const Copy copy{.path = folder / FormatTimestamp(now), .posts = store.log().PostCount()};
  // Before the store: a cursor that is behind it costs duplicates, one that is ahead would cost posts.
  const fs::path cursors = copy.path.string() + ".cursors";
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) CopyCursors(data / Connectors::kFolder, cursors, error);
  if (error) return std::unexpected(Error{"storage_failed", "Cannot make " + folder.string() + ": " + error.message()});
  const auto made = store.CheckpointTo(copy.path);
  if (made && fs::exists(cursors, error)) fs::rename(cursors, copy.path / Connectors::kFolder, error);
  std::error_code ignored;
  fs::remove_all(cursors, ignored);
  if (!made) return std::unexpected(made.error());
  if (error) return std::unexpected(Error{"storage_failed", "Cannot copy the cursors: " + error.message()});
  return copy;
}

// A copy that the audit log cannot tell of is not left lying about.
void TellOfCopy(Pipeline& pipeline, const Copy& copy, const AuditEntry& entry, Reply reply) {
  pipeline.Errand([&pipeline, copy, entry, reply = std::move(reply)](std::expected<void, Error> turn) mutable {
    const auto told = turn ? pipeline.store().audit().Write(entry) : turn;
    if (!told) {
      std::error_code error;
      fs::remove_all(copy.path, error);
      return reply(SubmitProblem(told.error()));
    }
    Log(LogLevel::kInfo, "admin",
        {{"action", entry.action}, {"path", entry.subject}, {"by", entry.by}, {"remote", entry.remote}});
    JsonWriter json;
    json.BeginObject();
    json.Field("path", copy.path.string());
    json.Field("epoch", pipeline.store().epoch());
    json.Field("posts", copy.posts);
    json.EndObject();
    reply(JsonResponse(201, json.Take()));
  });
}

}  // namespace

void AddCheckpointRoute(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kPost,
                    .pattern = "/v1/checkpoint",
                    .role = Role::kAdmin,
                    .query = {},
                    .handler = WithPipeline(
                        api,
                        [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                          if (pipeline.store().FreeBytesLow()) {
                            return reply(Problem(507, "disk_full", "The disk of the store is nearly full."));
                          }
                          pipeline.ReadAtLength([&api, &pipeline, by = std::move(request.token),
                                                 remote = std::move(request.remote),
                                                 reply = std::move(reply)](std::expected<void, Error> turn) mutable {
                            if (!turn) return reply(SubmitProblem(turn.error()));
                            const Timestamp now = api.clock().Now();
                            const auto copy = MakeCopy(pipeline.store(), fs::absolute(api.config().data_dir), now);
                            if (!copy) return reply(SubmitProblem(copy.error()));
                            TellOfCopy(pipeline, *copy,
                                       {.at = now,
                                        .by = std::move(by),
                                        .remote = std::move(remote),
                                        .action = "checkpoint",
                                        .subject = copy->path.string()},
                                       std::move(reply));
                          });
                        }),
                    .websocket = {}});
}

}  // namespace tagswell
