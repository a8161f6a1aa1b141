# Prints -static where the compiler has what that needs: some distributions leave out the C library's archive.
program=$(mktemp) || exit 0
trap 'rm -f "$program"' EXIT
echo 'int main() {}' | ${CXX:-c++} -x c++ - -static -o "$program" 2>/dev/null && echo -static
exit 0
