# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# modules-list.sh - which modules of Debian's kernel the rescue system has.
#
# Of each line the words behind the first are modules, or folders of them, below the
# kernel's folder; names may have patterns.  "+" takes them, "-" leaves them out: the last
# line that fits a module decides.  What the chosen ones depend on comes by itself.
# A lab's PCs have what mainboards and shops sold in twenty years, and now and then come
# from an office's server room. Numbers are bytes in xz.

modules_list='
# Wired network cards. Of 5 MB, half serve 25 to 400 Gbit/s, converged storage or the machines
# of clouds.
+ drivers/net/ethernet drivers/net/phy drivers/net/mdio drivers/net/pcs
- drivers/net/ethernet/amazon drivers/net/ethernet/google drivers/net/ethernet/microsoft
- drivers/net/ethernet/brocade drivers/net/ethernet/cavium drivers/net/ethernet/chelsio
- drivers/net/ethernet/cisco drivers/net/ethernet/emulex drivers/net/ethernet/huawei
- drivers/net/ethernet/mellanox drivers/net/ethernet/myricom drivers/net/ethernet/neterion
- drivers/net/ethernet/netronome drivers/net/ethernet/qlogic drivers/net/ethernet/sfc
- drivers/net/ethernet/pensando drivers/net/ethernet/fungible
- drivers/net/ethernet/amd/xgbe drivers/net/ethernet/sun/niu drivers/net/ethernet/tehuti
- drivers/net/ethernet/broadcom/bnx2x drivers/net/ethernet/broadcom/bnxt
- drivers/net/ethernet/broadcom/cnic
- drivers/net/ethernet/intel/fm10k drivers/net/ethernet/intel/ice
- drivers/net/ethernet/intel/i40e
- drivers/net/ethernet/intel/iavf drivers/net/ethernet/intel/igbvf
- drivers/net/ethernet/intel/ixgbevf drivers/net/ethernet/*/*_cs drivers/net/phy/mscc
+ drivers/net/ethernet/qlogic/qla3xxx

# Those of virtual machines
+ drivers/net/virtio_net drivers/net/vmxnet3 drivers/net/hyperv drivers/net/xen-netfront
+ drivers/virtio/virtio_pci drivers/virtio/virtio_balloon drivers/char/hw_random/virtio-rng

# Those at USB, for notebooks without a socket; no modems and no telephones
+ drivers/net/usb/aqc111 drivers/net/usb/asix drivers/net/usb/ax88179_178a
+ drivers/net/usb/cdc_ether drivers/net/usb/cdc_ncm drivers/net/usb/ch9200
+ drivers/net/usb/dm9601 drivers/net/usb/lan78xx drivers/net/usb/mcs7830
+ drivers/net/usb/pegasus drivers/net/usb/r8152 drivers/net/usb/r8153_ecm
+ drivers/net/usb/rtl8150 drivers/net/usb/smsc75xx drivers/net/usb/smsc95xx
+ drivers/net/usb/sr9700 drivers/net/usb/sr9800 drivers/net/usb/kaweth
+ drivers/net/usb/catc

# Disks: SATA, PATA, NVMe (vmd: behind the RAID of new Intel PCs), cards, UFS, virtual ones
+ drivers/ata drivers/nvme/host drivers/pci/controller/vmd drivers/mmc drivers/ufs
+ drivers/block/virtio_blk drivers/block/xen-blkfront drivers/block/mtip32xx
+ drivers/misc/cardreader
- drivers/nvme/host/nvme-f* drivers/nvme/host/nvme-rdma drivers/nvme/host/nvme-tcp
- drivers/ata/pata_pcmcia drivers/mmc/core/mmc_test drivers/mmc/core/sdio_uart

# SCSI, SAS and RAID. No fibre channel, no iSCSI, no FCoE, no tapes, and no controllers that
# only the newest or the rarest servers have.
+ drivers/scsi drivers/message/fusion
- drivers/message/fusion/mptfc drivers/message/fusion/mptlan drivers/message/fusion/mptctl
- drivers/scsi/be2iscsi drivers/scsi/bfa drivers/scsi/bnx2fc drivers/scsi/bnx2i
- drivers/scsi/csiostor drivers/scsi/cxgbi drivers/scsi/device_handler drivers/scsi/elx
- drivers/scsi/fcoe drivers/scsi/fnic drivers/scsi/libfc drivers/scsi/libiscsi*
- drivers/scsi/iscsi* drivers/scsi/lpfc drivers/scsi/pcmcia drivers/scsi/qed?
- drivers/scsi/qla2xxx drivers/scsi/qla4xxx drivers/scsi/snic drivers/scsi/scsi_debug
- drivers/scsi/scsi_transport_fc drivers/scsi/scsi_transport_iscsi
- drivers/scsi/aic94xx drivers/scsi/esas2r drivers/scsi/mpi3mr drivers/scsi/pm8001
- drivers/scsi/scsi_transport_srp drivers/scsi/ch drivers/scsi/st drivers/scsi/ses

# USB: hosts, disks, keyboards. hid-generic leaves keyboards alone that have a driver of
# their own (drivers/hid/hid-quirks.c).
+ drivers/usb/host drivers/usb/storage
- drivers/usb/host/sl811* drivers/usb/host/u132-hcd
+ drivers/hid/hid-generic drivers/hid/usbhid/usbhid drivers/hid/hid-hyperv
+ drivers/input/serio/hyperv-keyboard drivers/hid/hid-a4tech drivers/hid/hid-apple
+ drivers/hid/hid-belkin drivers/hid/hid-cherry drivers/hid/hid-chicony
+ drivers/hid/hid-cypress drivers/hid/hid-ezkey drivers/hid/hid-gyration
+ drivers/hid/hid-holtek-kbd drivers/hid/hid-kensington drivers/hid/hid-lenovo
+ drivers/hid/hid-logitech drivers/hid/hid-logitech-dj drivers/hid/hid-logitech-hidpp
+ drivers/hid/hid-microsoft drivers/hid/hid-monterey drivers/hid/hid-ortek
+ drivers/hid/hid-petalynx drivers/hid/hid-primax drivers/hid/hid-redragon
+ drivers/hid/hid-samsung drivers/hid/hid-semitek drivers/hid/hid-sunplus
+ drivers/hid/hid-topseed

# Filesystems that hold images, or a Linux that gets its name again. NTFS comes by
# ntfs-3g; the others are read and written without being mounted.
+ fs/ext4 fs/fat fs/exfat fs/xfs fs/btrfs fs/f2fs fs/jfs fs/reiserfs fs/isofs fs/udf
+ fs/fuse/fuse fs/efivarfs drivers/block/loop
+ fs/nls/nls_ascii fs/nls/nls_cp437 fs/nls/nls_cp850 fs/nls/nls_iso8859-1 fs/nls/nls_utf8

# Checksums, which filesystems ask for by the names of algorithms
+ crypto/crc32c_generic crypto/crc32_generic crypto/crct10dif_common
+ crypto/crct10dif_generic crypto/xxhash_generic crypto/blake2b_generic
+ crypto/crc64_rocksoft_generic
+ arch/x86/crypto/crc32c-intel arch/x86/crypto/crc32-pclmul
+ arch/x86/crypto/crct10dif-pclmul
'
