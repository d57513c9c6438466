# Sourced by ./build and ./titan: finds a JDK 25 or newer and sets JAVA_HOME, or says what to do.
# POSIX shell, so that it works with every /bin/sh.

TITAN_JDK=25

# Prints the feature version (25) of the JDK in folder $1; prints nothing if there is no JDK.
# The file `release` tells it without starting a JVM.
titan_jdk_version() {
  [ -x "$1/bin/javac" ] || return 0
  if [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9]*\).*/\1/p' "$1/release"
  else
    "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
  fi
}

# Takes $1 as the JDK if it is new enough.
titan_try_jdk() {
  titan_found=$(titan_jdk_version "$1")
  [ -n "$titan_found" ] && [ "$titan_found" -ge "$TITAN_JDK" ] || return 1
  JAVA_HOME=$1
  export JAVA_HOME
}

# The folder of the JDK whose javac is on PATH, with symbolic links followed.
titan_jdk_on_path() {
  titan_link=$(command -v javac 2>/dev/null) || return 0
  while [ -L "$titan_link" ]; do
    titan_target=$(readlink "$titan_link")
    case $titan_target in
      /*) titan_link=$titan_target ;;
      *) titan_link=$(dirname "$titan_link")/$titan_target ;;
    esac
  done
  (cd "$(dirname "$titan_link")/.." 2>/dev/null && pwd -P)
}

titan_find_jdk() {
  [ -n "${JAVA_HOME:-}" ] && titan_try_jdk "$JAVA_HOME" && return 0
  titan_candidate=$(titan_jdk_on_path)
  [ -n "$titan_candidate" ] && titan_try_jdk "$titan_candidate" && return 0
  # Exactly 25 first: it is the version that the project is tested on. Then anything newer.
  for titan_pass in exact newer; do
    for titan_candidate in \
      /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /usr/local/java/* \
      "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.local/share/mise/installs/java/* \
      "$HOME"/.asdf/installs/java/* "$HOME"/.jenv/versions/* \
      /Library/Java/JavaVirtualMachines/*/Contents/Home \
      "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
      /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
      /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
      [ -d "$titan_candidate" ] || continue
      if [ "$titan_pass" = exact ]; then
        [ "$(titan_jdk_version "$titan_candidate")" = "$TITAN_JDK" ] || continue
      fi
      titan_try_jdk "$titan_candidate" && return 0
    done
  done
  echo "TinyTitan needs a JDK $TITAN_JDK or newer, and none was found in JAVA_HOME, on PATH or in the usual folders." >&2
  echo "Install one (any vendor: Temurin, Zulu, Corretto, OpenJDK, ...), or set JAVA_HOME to it." >&2
  return 1
}

# Finds mvn, and gives it the JDK.
titan_find_mvn() {
  command -v mvn >/dev/null 2>&1 && return 0
  echo "TinyTitan is built with Apache Maven (3.8.1 or newer), and there is no mvn on PATH." >&2
  echo "Install it (apt install maven, brew install maven, sdk install maven, ...)." >&2
  return 1
}
