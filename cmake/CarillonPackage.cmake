# `cpack` makes a Debian package of the release build (deploy/debian/README.md).
# What is packed has been built before; the rest of the build is not needed for it.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
install(TARGETS carillon RUNTIME DESTINATION bin)
install(FILES deploy/systemd/carillon.service DESTINATION lib/systemd/system)
install(FILES deploy/systemd/peer.toml DESTINATION share/doc/carillon/examples)
install(FILES README.md docs/operations.md deploy/debian/copyright DESTINATION share/doc/carillon)

# Debian wants a compressed changelog.
find_program(GZIP gzip)
if(GZIP)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/changelog.gz
    COMMAND ${GZIP} -9nc ${CMAKE_SOURCE_DIR}/CHANGELOG.md > ${CMAKE_BINARY_DIR}/changelog.gz
    DEPENDS CHANGELOG.md VERBATIM)
  add_custom_target(carillon_changelog ALL DEPENDS ${CMAKE_BINARY_DIR}/changelog.gz)
  install(FILES ${CMAKE_BINARY_DIR}/changelog.gz DESTINATION share/doc/carillon)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME carillon)
set(CPACK_PACKAGE_CONTACT "The Carillon authors <carillon@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "SIP registrar with no centre")
set(CPACK_PACKAGE_DESCRIPTION "Equal peers form a ring (RELOAD, RFC 6940); a phone registers at any of them,
and a call placed through any other one finds it. Peers join and leave
while phones stay registered.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION comm)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.51)")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/deploy/debian/postinst
  ${CMAKE_SOURCE_DIR}/deploy/debian/prerm
  ${CMAKE_SOURCE_DIR}/deploy/debian/postrm)
include(CPack)
