// SPDX-License-Identifier: GPL-3.0-or-later
/* clang-format off */
/* text_look.h - texts of what all screens have, and of looking around; see text.h. */

/* All screens. */
T(T_TOO_SMALL, 0,
  "This window is too small: Slate needs %s columns and %s lines. Make it larger.")
T(T_OK, 20, "OK")
T(T_YES, 20, "Yes")
T(T_NO, 20, "No")
T(T_ASK_HELP, 0,
  "Tab goes from one button to the next, Enter presses it, Esc goes back without doing "
  "anything.")
T(T_PROBLEM, 50, "That does not work")
T(T_OUT_OF_MEMORY, 0, "This computer's memory is used up.")

/* What keys do, in the last line. */
T(T_KEY_HELP, 14, "Help")
T(T_KEY_BACK, 14, "Back")
T(T_KEY_LEAVE, 14, "Leave")
T(T_KEY_CHOOSE, 14, "Choose")
T(T_KEY_ACTIONS, 14, "Do something")
T(T_KEY_MOVE, 14, "Move")
T(T_KEY_SCROLL, 14, "Scroll")
T(T_KEY_FOLD, 14, "Open, close")
T(T_KEY_IMAGES, 14, "Images")
T(T_KEY_DISKS, 14, "Disks")
T(T_KEY_MENU, 14, "Menu")
T(T_KEY_PLACE, 14, "Elsewhere")
T(T_KEY_NEXT, 14, "Next")
T(T_KEY_CHANGE, 14, "Change")
T(T_KEY_ON_OFF, 14, "On, off")

/* Help. */
T(T_HELP_TITLE, 50, "Help")
T(T_HELP_KEYS, 0,
  "Keys on all screens:\n"
  "  Up, Down  or k, j        move\n"
  "  Left, Right  or h, l     close, open; change\n"
  "  PgUp, PgDn  or ^B, ^F    a page\n"
  "  Home, End  or g, G       first, last\n"
  "  Tab, Shift-Tab           next, previous\n"
  "  Enter                    choose\n"
  "  Esc  or q                back\n"
  "  F1  or ?                 this help\n"
  "  ^L                       draw everything anew\n"
  "  ^Z                       suspend, where a shell can resume it\n"
  "Where you type a text, letters are letters; ^U empties the field.")

/* The disks. */
T(T_DISKS, 50, "Disks and partitions")
T(T_DISKS_HELP, 0,
  "These are the disks of this computer, with the partitions on each of them. "
  "Enter asks what to do with the chosen disk or partition: to save it to an image, to restore "

  "an image to it, to copy it, to compare it with an image, or to show all that is known "
  "of it. "
  "Nothing is changed before you have seen the plan and confirmed it.\n"
  "\n"
  "Tab shows the images, m the menu with everything else. The list follows disks that are "
  "plugged in or taken away.")
T(T_DISKS_NONE, 0, "No disk was found. Plug one in: it will show up here.")
T(T_COL_NAME, 17, "Name")
T(T_COL_SIZE, 10, "Size")
T(T_COL_FS, 11, "Filesystem")
T(T_COL_LABEL, 16, "Label")
T(T_COL_USED, 10, "Used")
T(T_COL_MOUNTED, 9, "Used as")
T(T_LOOKING, 11, "reading")
T(T_UNREADABLE, 11, "unreadable")
T(T_DISK_LINE, 0, "%s  serial %s")
T(T_NO_MODEL, 30, "no model name")
T(T_NO_SERIAL, 20, "not known")
T(T_SYSTEM, 40, "the running system is on it")
T(T_READ_ONLY, 20, "read-only")
T(T_REMOVABLE, 20, "removable")
T(T_CHOOSE_DISK, 50, "Choose a disk or a partition")

T(T_CHOOSE_DISK_HELP, 0, "Choose the disk or the partition and press Enter. Esc goes back.")
P(T_N_DISKS, 20, "%lu disk", "%lu disks")
P(T_N_PARTITIONS, 20, "%lu partition", "%lu partitions")
T(T_GONE, 0, "It is not there any more.")

/* What can be done. */
T(T_ACTIONS, 50, "What shall be done with %s?")
T(T_ACT_SAVE, 50, "Save it to an image")
T(T_ACT_RESTORE, 50, "Restore an image to it")
T(T_ACT_CLONE, 50, "Copy it to another disk or partition")
T(T_ACT_DIFF, 50, "Compare it with an image")
T(T_ACT_INFO, 50, "Show all that is known of it")
T(T_ACT_IMG_RESTORE, 50, "Restore it to a disk or a partition")
T(T_ACT_IMG_VERIFY, 50, "Check that it is whole")
T(T_ACT_IMG_DIFF, 50, "Compare it with a disk or a partition")
T(T_ACT_HELP, 0, "Choose what to do and press Enter. Esc goes back; nothing has been done yet.")

/* The menu. */
T(T_MENU, 50, "Menu")
T(T_MENU_HELP, 0,
  "Network names shows which name each network card of this computer gets, and why. "
  "A shell takes the whole screen; type exit to come back. Reboot and power off ask first.")
T(T_MENU_NETWORK, 50, "Network names")
T(T_MENU_SHELL, 50, "A shell")
T(T_MENU_REBOOT, 50, "Reboot")
T(T_MENU_POWEROFF, 50, "Power off")
T(T_MENU_LEAVE, 50, "Leave Slate")
T(T_ASK_LEAVE, 0, "Leave Slate?")
T(T_ASK_REBOOT, 0, "Reboot this computer now?")
T(T_ASK_POWEROFF, 0, "Power this computer off now?")
T(T_SHELL_HELLO, 0, "Type exit to come back to Slate.")
T(T_SHELL_FAILS, 0, "The shell %s cannot be started: %s")
T(T_PROGRAM_FAILS, 0, "%s does not run: %s")

/* Images. */
T(T_IMAGES, 50, "Images")
T(T_IMAGES_HELP, 0,
  "These are the images of one folder or of a Slate server. Enter asks what to do with the "
  "chosen image. With f you type another folder, the address of a "
  "server (http://...), or the address of one image. Tab shows the disks.")
T(T_IMAGES_WHERE, 0, "Images in %s")
T(T_IMAGES_LISTING, 40, "is being read ...")
T(T_IMAGES_NONE, 0, "There are no images here. f: look elsewhere.")
T(T_COL_IMAGE, 30, "Image")
T(T_COL_OF, 13, "Of")
T(T_COL_DATE, 10, "Saved")
T(T_BROKEN, 13, "no image")
T(T_CHOOSE_IMAGE, 50, "Choose an image")

/* Where images are looked for. */
T(T_PLACE, 50, "Where are the images?")
T(T_PLACE_HELP, 0,
  "Type a folder, as /mnt/images; the address of a Slate server, as http://10.0.0.1; or the "
  "address or path of one image, as http://10.0.0.1/images/lynx.slate. Enter goes there.")
T(T_PLACE_FIELD, 50, "Folder, server, or image:")
T(T_PLACE_SERVER, 30, "The Slate server")
T(T_PLACE_GO, 20, "Go there")

/* Information. */
T(T_INFO, 50, "Information")
T(T_INFO_HELP, 0, "Arrows scroll the text, Esc goes back.")
T(T_INFO_RUNS, 40, "is being read ...")
T(T_INFO_DEVICE, 20, "Device")
T(T_INFO_SIZE, 20, "Size")
T(T_INFO_BYTES, 30, "%s (%s bytes)")
T(T_INFO_MODEL, 20, "Model")
T(T_INFO_SERIAL, 20, "Serial number")
T(T_INFO_TABLE, 20, "Partition table")
T(T_INFO_FS, 20, "Filesystem")
T(T_INFO_LABEL, 20, "Label")
T(T_INFO_USED, 20, "Used space")
T(T_INFO_MOUNTED, 20, "Used as")
T(T_INFO_NOTE, 20, "Note")
T(T_UNKNOWN, 20, "not known")
T(T_NOTHING, 20, "none")

/* Network names. */
T(T_NETWORK, 50, "Network names")
T(T_NETWORK_HELP, 0,
  "This is what slate-netconf plan says: which name each network card gets by this computer's "
  "policy, and why. Nothing is changed. Arrows scroll, Esc goes back.")
