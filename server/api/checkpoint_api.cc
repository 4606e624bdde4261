#include "server/api/checkpoint_api.h"

#include <filesystem>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/logging.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

// On the store's own file system, where sorted files are linked and not copied.
constexpr const char* kFolder = "backups";

struct Copy {
  std::filesystem::path path;
  std::uint64_t posts = 0;  // at least
};

std::expected<Copy, Error> MakeCopy(Store& store, const std::filesystem::path& folder, Timestamp now) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected(Error{"storage_failed", "Cannot make " + folder.string() + ": " + error.message()});
  const Copy copy{.path = folder / FormatTimestamp(now), .posts = store.log().PostCount()};
  if (auto made = store.CheckpointTo(copy.path); !made) return std::unexpected(made.error());
  return copy;
}

// A copy that the audit log cannot tell of is not left lying about.
void TellOfCopy(Pipeline& pipeline, const Copy& copy, const AuditEntry& entry, Reply reply) {
  pipeline.Errand([&pipeline, copy, entry, reply = std::move(reply)](std::expected<void, Error> turn) mutable {
    const auto told = turn ? pipeline.store().audit().Write(entry) : turn;
    if (!told) {
      std::error_code error;
      std::filesystem::remove_all(copy.path, error);
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
                            const auto folder = std::filesystem::absolute(api.config().data_dir) / kFolder;
                            const Timestamp now = api.clock().Now();
                            const auto copy = MakeCopy(pipeline.store(), folder, now);
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
