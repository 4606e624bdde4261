#include "storage/kept_files.h"

#include <rocksdb/file_system.h>

#include <string>

namespace tagswell {
namespace {

class KeptFiles : public rocksdb::FileSystemWrapper {
 public:
  explicit KeptFiles(const std::atomic<bool>& in_doubt)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), in_doubt_(in_doubt) {}

  const char* Name() const override { return "tagswell"; }

  rocksdb::IOStatus DeleteFile(const std::string& file, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    if (in_doubt_ && file.ends_with(".sst")) return rocksdb::IOStatus::OK();
    return FileSystemWrapper::DeleteFile(file, options, debug);
  }

 private:
  const std::atomic<bool>& in_doubt_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> KeepFilesWhile(const std::atomic<bool>& in_doubt) {
  return rocksdb::NewCompositeEnv(std::make_shared<KeptFiles>(in_doubt));
}

}  // namespace tagswell
