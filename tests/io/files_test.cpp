#include "io/files.hpp"

#include <sys/stat.h>

#include "loop_support.hpp"

namespace carillon::io {
namespace {

namespace fs = std::filesystem;
using security::fails_with;

TEST(Files, WrittenThenRead) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file(directory / "file", as_bytes("first"), FileMode::shared));
  ASSERT_TRUE(write_file(directory / "file", as_bytes("second"), FileMode::shared));
  EXPECT_EQ(read_file(directory / "file"), "second");
  EXPECT_FALSE(fs::exists(directory / "file.new"));
}

TEST(Files, SecretsAreTheOwnersOnly) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file(directory / "key", as_bytes("secret"), FileMode::secret));
  EXPECT_EQ(fs::status(directory / "key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST(Files, ASecretDoesNotInheritTheModeOfWhatACrashLeft) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file(directory / "key.new", as_bytes("half"), FileMode::shared));
  ASSERT_TRUE(write_file(directory / "key", as_bytes("secret"), FileMode::secret));
  EXPECT_EQ(fs::status(directory / "key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST(Files, WhatIsNotThere) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(fails_with(read_file(directory / "absent"), ErrorCode::not_found, "absent"));
  EXPECT_TRUE(fails_with(write_file(directory / "absent/file", {}, FileMode::shared),
                         ErrorCode::not_found, "absent/file"));
}

TEST(Files, TooLargeToRead) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file(directory / "file", as_bytes("12345"), FileMode::shared));
  EXPECT_TRUE(read_file(directory / "file", 5));
  EXPECT_TRUE(fails_with(read_file(directory / "file", 4), ErrorCode::too_large));
}

TEST(Files, DirectoryWhereAFileStands) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file(directory / "file", {}, FileMode::shared));
  EXPECT_TRUE(fails_with(make_directory(directory / "file/below"), ErrorCode::io, "file/below"));
  EXPECT_TRUE(make_directory(directory / "a/b"));
  EXPECT_TRUE(make_directory(directory / "a/b"));
}

TEST(DirectoryLock, OnlyOneHolds) {
  const TemporaryDirectory directory;
  {
    const auto held = DirectoryLock::take(directory.path());
    ASSERT_TRUE(held);
    EXPECT_TRUE(fails_with(DirectoryLock::take(directory.path()), ErrorCode::busy,
                           std::to_string(::getpid())));
  }
  EXPECT_TRUE(DirectoryLock::take(directory.path())) << "given back at its end";
}

}  // namespace
}  // namespace carillon::io
