// Parts of names from many regions of Indonesia. A person of the demonstration gets parts of different
// regions at random ("Ketut Daeng Siregar"), so that nobody real is meant.
export const maleNames =
  'Adi Agus Ahmad Ali Aminuddin Andi Anton Arif Arman Asrul Bambang Baso Bayu Beni Budi Cahyo Daeng Dedi Dodi Eko Fadli Fajar Ferdi Gede Gunawan Hadi Hamzah Hasan Hendra Herman Ibrahim Ikbal Ilham Imran Irwan Ismail Iwan Jafar Joko Jufri Kadek Kahar Ketut Laode Made Mahmud Mansur Markus Muhammad Nasrul Nyoman Paulus Petrus Putu Rahmat Ramli Rasyid Rizal Rudi Rusdi Sahrul Salim Samsul Slamet Sofyan Stefanus Sudirman Sultan Supriadi Surya Syamsul Taufik Tomi Ujang Usman Wahyu Wayan Yohanis Yusuf Zainal Zulkifli'.split(
    ' ',
  )
export const femaleNames =
  'Aisyah Amelia Anita Ariani Asni Astuti Ayu Bertha Citra Darmawati Dewi Diah Dwi Elisabet Endang Erni Fatimah Fitriani Halima Hartati Hasna Herlina Ida Indah Indrawati Irma Jamila Jumiati Kartika Kasmawati Komang Kurnia Lestari Lilis Lina Luh Maria Marlina Mariam Megawati Mirna Murni Nanik Ni Ningsih Novita Nur Nurhayati Nurul Putri Rahayu Ramlah Ratna Reni Rini Rosmini Sari Sitti Sri Suharti Sulastri Suriani Theresia Titin Tuti Wahyuni Waode Widya Yanti Yuliana Yuni Zahra'.split(
    ' ',
  )
export const familyNames =
  'Abdullah Alamsyah Ambarita Anggraini Arifin Asmara Aziz Bakri Basri Batubara Baharuddin Damanik Darmawan Daulay Djafar Effendi Fauzi Ginting Hakim Halim Harahap Hasibuan Hidayat Hutapea Iskandar Kadir Kaimudin Kamaru Karim Kusuma Kusumo Lamani Lasut Latif Lubis Mahendra Malik Manurung Maulana Mokodompit Muin Mustafa Nainggolan Nasution Nugroho Pangaribuan Panjaitan Pasaribu Patiung Permana Pratama Purnomo Purba Puspita Rajagukguk Rangkuti Ritonga Rumbia Saputra Saragih Sembiring Setiawan Siahaan Sihombing Silalahi Simanjuntak Simatupang Sinaga Siregar Sitepu Situmorang Suryani Sutrisno Tambunan Tangke Tarigan Tobing Tumanggor Utami Wibowo Wijaya Wulandari Yulianto Yusran Zakaria'.split(
    ' ',
  )
