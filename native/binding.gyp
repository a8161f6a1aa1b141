{
  'target_defaults': {
    'cflags_cc': ['-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror', '-Wno-missing-field-initializers'],
    'cflags!': ['-fno-exceptions'],
    'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20'],
    'defines': ['NAPI_VERSION=9', 'NAPI_CPP_EXCEPTIONS', '_GNU_SOURCE'],
    'include_dirs': ["<!@(node -p \"require('node-addon-api').include\")", '.'],
  },
  'targets': [
    {
      'target_name': 'addon',
      'sources': ["<!@(ls addon/*.cc base/*.cc)"],
    },
  ],
  'conditions': [
    [
      # Elsewhere programs can be run, but not supervised.
      'target_arch=="x64"',
      {
        'targets': [
          {
            'target_name': 'supervisor',
            'sources': ["<!@(ls supervisor/*.cc base/*.cc)"],
          },
          {
            # An ordinary user's engine is started through it.
            'target_name': 'userns-exec',
            'type': 'executable',
            'sources': ['supervisor/userns-exec/main.cc'],
          },
          {
            # What a submission's Makefile runs is run through it.
            'target_name': 'confine',
            'type': 'executable',
            'sources': [
              'supervisor/confine/main.cc',
              'supervisor/sandbox.cc',
              'supervisor/landlock.cc',
              "<!@(ls supervisor/seccomp*.cc)",
            ],
          },
          {
            'target_name': 'exec-zygote',
            'type': 'executable',
            # A process with few mappings and no symbols left to look up is forked faster.
            'ldflags': ['-Wl,-z,now', "<!(sh supervisor/exec-zygote/static-flag.sh)"],
            'sources': [
              'supervisor/exec-zygote/main.cc',
              'supervisor/zygote.cc',
              'supervisor/launch.cc',
              'supervisor/sandbox.cc',
              'supervisor/landlock.cc',
              "<!@(ls supervisor/seccomp*.cc)",
            ],
          },
          {
            # Preloaded into the zygote.
            'target_name': 'compact-heap',
            'type': 'loadable_module',
            'sources': ['supervisor/compact-heap/mmap.cc'],
          },
        ],
      },
    ],
  ],
}
